-- A brand by its id or its name.
-- Grain: no row, or one. Key: brand_id. Binds: brand.
-- Reads: brands. Read by: namaak/casework/desk.py, namaak/casework/allowing.py.
select
    brand_id,
    name
from brands
where brand_id = $brand or lower(name) = lower($brand)
order by brand_id <> $brand, brand_id
limit 1;
