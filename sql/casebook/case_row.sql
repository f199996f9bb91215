-- One case with its reasons.
-- Grain: one row. Key: case_id. Binds: case_id.
-- Reads: case_detail. Read by: read_case.
select *
from case_detail
where case_id = ?;
