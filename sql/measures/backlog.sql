-- What waits for people, of one brand or of all.
-- Grain: one row per brand, stage and band. Key: (brand_id, stage, band). Binds: brand_id.
-- Reads: work_backlog. Read by: read_measures.
select *
from work_backlog
where $brand_id is null or brand_id = $brand_id;
