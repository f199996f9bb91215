-- Stores what profiles may share with others.
-- Grain: one row per subject and value. Key: (subject_key, kind, value).
-- Reads: incoming_profile_ties (Arrow). Read by: Profiles.record_profiles.
insert into profile_ties (subject_key, kind, value, shown)
select subject_key, kind, value, shown
from incoming_profile_ties;
