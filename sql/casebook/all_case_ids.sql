-- Every case.
-- Grain: one row per case. Key: case_id.
-- Reads: cases. Read by: Working.tell_of_all_cases.
select case_id
from cases
order by case_id;
