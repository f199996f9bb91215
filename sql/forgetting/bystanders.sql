-- Accounts in one old batch that resemble no brand, and whether they are shown unchanged to this
-- day, so that their first sighting has to stay for now.
-- Grain: one row per row of the batch. Key: place.
-- Reads: old_rows, matched_subjects, recent_sightings. Read by: namaak/forgetting.py.
select
    old_rows.file_row_number as place,
    old_rows.first_seen and recent_sightings.sighting is not null as stays
from old_rows
left join recent_sightings
    on
        hash(
            old_rows.subject_key,
            old_rows.handle,
            old_rows.display_name,
            old_rows.image_sha256,
            old_rows.bio,
            old_rows.banner_sha256
        ) = recent_sightings.sighting
where
    old_rows.subject_kind = 'account'
    and old_rows.subject_key not in (select subject_key from matched_subjects)
order by old_rows.file_row_number;
