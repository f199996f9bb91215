-- Drops the versions of subjects that come anew, and those that stand under the wrong key.
-- Grain: one row per version. Key: (subject_key, version).
-- Reads: incoming_profiles (Arrow), incoming_wanted (Arrow). Read by: Profiles.record_profiles.
delete from profiles
where
    subject_key in (select subject_key from incoming_profiles)
    or subject_key in (select subject_key from incoming_wanted where misplaced);
