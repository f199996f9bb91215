-- The pictures nearest to a given one, with who wears them, the picture itself first.
-- Takes a SHA-256, or the beginning of one that no other picture shares.
-- Grain: one row per picture. Key: image_sha256.
-- Reads: pictures, worn_pictures, cases. Read by: queries/similar_pictures.sql, staff.
create or replace macro similar_pictures(sha256) as table (
    with
    shown as (
        -- Of a file of several frames the one that is shown.
        select
            image_sha256,
            detector,
            phash
        from pictures
        where region = -1 and outcome = 'hashed' and frame = 'first'
    ),
    given as (
        select *
        from shown
        where starts_with(image_sha256, lower(sha256))
        qualify count(*) over () = 1
    ),
    nearest as (
        select
            shown.image_sha256,
            picture_distance(shown.phash, given.phash) as distance,
            256 - picture_distance(shown.phash, given.phash) as distance_of_negative
        from shown
        inner join given on shown.detector = given.detector
    ),
    wearers as (
        select
            worn_pictures.image_sha256,
            max(worn_pictures.wearers) as wearers,
            list(distinct cases.subject order by cases.subject) as subjects,
            list(distinct cases.case_id order by cases.case_id) as case_ids
        from worn_pictures
        inner join cases
            on worn_pictures.brand_id = cases.brand_id
            and worn_pictures.subject_key = cases.subject_key
        group by worn_pictures.image_sha256
    )
    select
        nearest.image_sha256,
        nearest.distance,
        nearest.distance_of_negative,
        coalesce(wearers.wearers, 0) as wearers,
        coalesce(wearers.subjects, []) as subjects,
        coalesce(wearers.case_ids, []) as case_ids
    from nearest
    left join wearers on nearest.image_sha256 = wearers.image_sha256
    order by least(nearest.distance, nearest.distance_of_negative), nearest.image_sha256
);
