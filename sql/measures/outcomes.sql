-- What became of notices, of one brand or of all.
-- Grain: one row per route and provider. Key: (route, provider). Binds: brand_id.
-- Reads: route_outcomes. Read by: read_measures.
select *
from route_outcomes($brand_id::varchar);
