-- The id of a brand by its id or name.
-- Grain: one row. Key: brand_id. Binds: brand.
-- Reads: brands. Read by: read_measures.
select brand_id
from brands
where brand_id = $brand or lower(name) = lower($brand)
order by brand_id
limit 1;
