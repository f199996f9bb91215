-- The pairs whose profiles were seen again since they were read, or read by another version, for
-- another description of the brand, or beside other accounts of its own.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: profile_subjects, profiles, profile_traits, incoming_readers (Arrow).
-- Read by: Profiles.profiles_to_read.
with
latest as (
    select
        subject_key,
        max(last_seen_at) as last_seen_at,
        max(version) as versions
    from profiles
    group by subject_key
)
select
    profile_subjects.brand_id,
    profile_subjects.subject_key,
    profile_traits.told_at
from profile_subjects
inner join latest on profile_subjects.subject_key = latest.subject_key
inner join incoming_readers on profile_subjects.brand_id = incoming_readers.brand_id
left join profile_traits
    on profile_subjects.brand_id = profile_traits.brand_id
    and profile_subjects.subject_key = profile_traits.subject_key
where
    not profile_subjects.own
    and (
        profile_traits.told_at is null
        or profile_traits.told_at <> latest.last_seen_at
        or profile_traits.versions <> latest.versions
        or profile_traits.reader <> incoming_readers.reader
    )
order by profile_subjects.subject_key, profile_subjects.brand_id;
