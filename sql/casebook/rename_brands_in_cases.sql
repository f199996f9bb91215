-- Cases show the brand under its present name.
-- Grain: one row per case of a renamed brand. Key: case_id. Binds: now.
-- Reads: brands. Read by: Casebook.record_brands.
update cases
set
    brand_name = brands.name,
    updated_at = $now,
    revision = cases.revision + 1
from brands
where cases.brand_id = brands.brand_id and cases.brand_name <> brands.name;
