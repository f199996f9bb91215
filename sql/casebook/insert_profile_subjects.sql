-- Remembers whose profiles are kept; what turned out to be a brand's own, or no longer is, says so.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: incoming_profile_subjects (Arrow), matches. Read by: Profiles.record_profiles.
insert into profile_subjects (brand_id, subject_key, own)
select
    brand_id,
    subject_key,
    own
from incoming_profile_subjects
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
