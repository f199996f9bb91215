-- Stores versions of profiles.
-- Grain: one row per version. Key: (subject_key, version).
-- Reads: incoming_profiles (Arrow). Read by: Profiles.record_profiles.
insert into profiles by name
select *
from incoming_profiles;
