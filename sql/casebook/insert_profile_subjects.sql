-- Remembers whose profiles are kept; what turned out to be a brand's own, or no longer is, says so.
-- Of what nobody could say it (own is null) that stays as it was known, and is not own at first.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: incoming_profile_subjects (Arrow), profile_subjects, matches.
-- Read by: Profiles.record_profiles.
insert into profile_subjects (brand_id, subject_key, own)
select
    incoming_profile_subjects.brand_id,
    incoming_profile_subjects.subject_key,
    coalesce(incoming_profile_subjects.own, profile_subjects.own, false) as own
from incoming_profile_subjects
left join profile_subjects
    on incoming_profile_subjects.brand_id = profile_subjects.brand_id
    and incoming_profile_subjects.subject_key = profile_subjects.subject_key
union all
select distinct
    brand_id,
    subject_key,
    false as own
from matches
where
    subject_kind in ('account', 'app')
    and (brand_id, subject_key) not in (
        select (brand_id, subject_key)
        from incoming_profile_subjects
    )
    and (brand_id, subject_key) not in (
        select (brand_id, subject_key)
        from profile_subjects
    )
on conflict (brand_id, subject_key) do update set own = excluded.own;
