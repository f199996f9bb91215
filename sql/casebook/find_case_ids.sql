-- Cases whose id is, or begins with, what a person typed; ten are enough to say it is ambiguous.
-- Grain: one row per case. Key: case_id. Binds: beginning of the id.
-- Reads: cases. Read by: resolve_case_id.
select case_id
from cases
where starts_with(case_id, ?)
order by case_id
limit 10;
