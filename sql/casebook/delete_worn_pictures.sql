-- Drops what is no longer so of the pictures that matched subjects wear.
-- Grain: one row per brand, subject and picture. Key: (brand_id, subject_key, image_sha256).
-- Reads: incoming_worn_pictures (Arrow). Read by: Casebook.record_worn_pictures.
delete from worn_pictures
where (brand_id, subject_key, image_sha256) in (
    select (gone.brand_id, gone.subject_key, gone.image_sha256)
    from (
        select * from worn_pictures
        except
        select * from incoming_worn_pictures
    ) as gone
);
