-- The wanted pictures with all their regions, as they were described last.
-- Grain: one row per picture, frame and region. Key: (image_sha256, frame, region).
-- Reads: picture_rows, picture_files, wanted. Read by: namaak/wearing.py.
select picture_rows.* exclude (filename)
from picture_rows
inner join picture_files on picture_rows.filename = picture_files.filename
where picture_rows.image_sha256 in (select image_sha256 from wanted)
qualify picture_files.place = max(picture_files.place) over (partition by picture_rows.image_sha256)
order by picture_rows.image_sha256, picture_rows.frame, picture_rows.region;
