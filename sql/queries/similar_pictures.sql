-- The twenty pictures nearest to a given one and the accounts that wear them. As it stands it
-- asks for the picture of the worst case that has one: put a SHA-256, or the beginning of one, in
-- the place of the subquery, as in similar_pictures('c4d528ff').
-- Grain: one row per picture. Key: image_sha256.
-- Reads: similar_pictures, worn_pictures, cases, bands. Read by: staff, with `namaak sql`.
with
worst as (
    select worn_pictures.image_sha256
    from worn_pictures
    inner join cases
        on worn_pictures.brand_id = cases.brand_id
        and worn_pictures.subject_key = cases.subject_key
    inner join bands on cases.band = bands.band
    where worn_pictures.hashed
    order by bands.rank desc, cases.score desc, cases.case_id, worn_pictures.image_sha256
    limit 1
)
select
    image_sha256,
    distance,
    distance_of_negative,
    wearers,
    subjects[:10] as some_subjects,
    case_ids[:10] as some_case_ids
from similar_pictures((select image_sha256 from worst))
limit 20;
