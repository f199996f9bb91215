-- The visits to the pages of one case, the latest first.
-- Grain: one row per capture. Key: capture_id. Binds: case_id.
-- Reads: captures. Read by: captures_of.
select *
from captures
where case_id = ?
order by started_at desc, capture_id;
