-- The brands' own accounts and apps, as they were seen last.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: profile_subjects, profiles. Read by: Profiles.own_profiles.
select
    profile_subjects.brand_id,
    profiles.*
from profile_subjects
inner join profiles on profile_subjects.subject_key = profiles.subject_key
where profile_subjects.own
qualify row_number() over (
    partition by profile_subjects.brand_id, profiles.subject_key
    order by profiles.version desc
) = 1
order by profile_subjects.brand_id, profiles.subject_key;
