-- All versions of the profiles that are kept, but for those that stand under the wrong key.
-- Grain: one row per version. Key: (subject_key, version).
-- Reads: profiles, incoming_wanted (Arrow). Read by: Profiles.known_profiles.
select profiles.*
from profiles
inner join incoming_wanted on profiles.subject_key = incoming_wanted.subject_key
where not incoming_wanted.misplaced
order by profiles.subject_key, profiles.version;
