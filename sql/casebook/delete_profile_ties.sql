-- Drops what profiles shared before they came anew.
-- Grain: one row per subject and value. Key: (subject_key, kind, value).
-- Reads: incoming_profiles (Arrow), incoming_wanted (Arrow). Read by: Profiles.record_profiles.
delete from profile_ties
where
    subject_key in (select subject_key from incoming_profiles)
    or subject_key in (select subject_key from incoming_wanted where misplaced);
