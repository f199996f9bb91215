-- How every picture of the lake was described last, by the frame that is shown.
-- Grain: one row per picture. Key: image_sha256.
-- Reads: picture_rows, picture_files. Read by: namaak/wearing.py.
create temporary table described as
select
    picture_rows.image_sha256,
    picture_rows.detector,
    picture_rows.outcome = 'hashed' as hashed,
    picture_rows.phash_0,
    picture_rows.phash_1,
    picture_rows.phash_2,
    picture_rows.phash_3
from picture_rows
inner join picture_files on picture_rows.filename = picture_files.filename
where
    picture_rows.region = -1
    and (picture_rows.frame is null or picture_rows.frame = 'first')
qualify row_number() over (
    partition by picture_rows.image_sha256
    order by picture_files.place desc
) = 1;
