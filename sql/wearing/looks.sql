-- Which pictures are the same to the eye: the same file, or equal hashes of the same version.
-- Hashes of pictures that say nothing are alike by chance and do not count.
-- Grain: one row per picture that matched subjects wear or show, and per picture equal to one.
-- Key: image_sha256.
-- Reads: worn_by_matched, described. Read by: namaak/wearing.py.
create temporary table looks as
with
of_interest as (
    select distinct image_sha256
    from worn_by_matched
),
hashes_of_interest as (
    select distinct
        detector,
        phash_0,
        phash_1,
        phash_2,
        phash_3
    from described
    where hashed and image_sha256 in (select image_sha256 from of_interest)
),
equals as (
    select
        described.*,
        min(described.image_sha256) over (
            partition by
                described.detector,
                described.phash_0,
                described.phash_1,
                described.phash_2,
                described.phash_3
        ) as look
    from described
    inner join hashes_of_interest using (detector, phash_0, phash_1, phash_2, phash_3)
    where described.hashed
)
select
    image_sha256,
    look,
    true as hashed,
    detector,
    phash_0,
    phash_1,
    phash_2,
    phash_3
from equals
union all by name
select
    image_sha256,
    image_sha256 as look,
    false as hashed
from of_interest
where image_sha256 not in (select image_sha256 from equals);
