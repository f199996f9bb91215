-- The pictures that subjects of cases wear, or that are cases.
-- Grain: one row per picture. Key: image_sha256.
-- Reads: worn_pictures, cases. Read by: Casebook.wanted_pictures.
select distinct worn_pictures.image_sha256
from worn_pictures
inner join cases
    on worn_pictures.brand_id = cases.brand_id
    and worn_pictures.subject_key = cases.subject_key
order by worn_pictures.image_sha256;
