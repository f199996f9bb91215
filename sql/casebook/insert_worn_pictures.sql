-- Adds what is new of the pictures that matched subjects wear.
-- Grain: one row per brand, subject and picture. Key: (brand_id, subject_key, image_sha256).
-- Reads: incoming_worn_pictures (Arrow), worn_pictures. Read by: Casebook.record_worn_pictures.
insert into worn_pictures (
    brand_id, subject_key, image_sha256, look, hashed, imitator, wearers,
    imitators, mostly_imitators, brands_shown, brands_named
)
select
    brand_id, subject_key, image_sha256, look, hashed, imitator, wearers,
    imitators, mostly_imitators, brands_shown, brands_named
from (
    select * from incoming_worn_pictures
    except
    select * from worn_pictures
) as fresh;
