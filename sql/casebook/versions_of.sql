-- All versions of some profiles, oldest first.
-- Grain: one row per version. Key: (subject_key, version).
-- Reads: profiles, incoming_subjects (Arrow). Read by: Profiles.versions_of.
select profiles.*
from profiles
inner join incoming_subjects on profiles.subject_key = incoming_subjects.subject_key
order by profiles.subject_key, profiles.version;
