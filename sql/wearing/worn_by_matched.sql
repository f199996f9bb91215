-- The pictures of subjects that resemble a brand; a picture that is a subject is its own.
-- Grain: one row per subject and picture. Key: (subject_key, image_sha256).
-- Reads: observation_rows, matched. Read by: namaak/wearing.py.
create temporary table worn_by_matched as
select distinct
    subject_key,
    image_sha256
from observation_rows
where
    image_sha256 is not null
    and subject_key in (select subject_key from matched);
