-- How each brand stands.
-- Grain: one row per brand. Key: brand_id.
-- Reads: brand_overview. Read by: overview.
select *
from brand_overview
order by critical desc, high desc, review desc, brand_id;
