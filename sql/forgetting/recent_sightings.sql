-- What accounts were shown as lately: a row that says the same must stay, because only the first
-- of them is matched against brands that are added later.
-- Grain: one row per subject and appearance. Key: sighting.
-- Reads: recent_rows. Read by: namaak/forgetting.py.
create or replace temporary table recent_sightings as
select distinct
    hash(subject_key, handle, display_name, image_sha256, bio, banner_sha256) as sighting
from recent_rows
where subject_kind = 'account';
