-- The brands of every set that was ever matched.
-- Grain: one row per set and brand: key.
select set_id, brand_id, fingerprint
from watch_sets
order by set_id, brand_id;
