-- Accounts and apps that are taken as a brand's own, so that nothing of them is a case: look
-- whether they are.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: profile_subjects, latest_profiles, brands. Read by: staff, with `namaak sql`.
select
    profile_subjects.brand_id,
    brands.name as brand_name,
    profile_subjects.subject_key,
    latest_profiles.platform,
    latest_profiles.native_id,
    latest_profiles.handle,
    latest_profiles.display_name,
    latest_profiles.url,
    latest_profiles.followers,
    latest_profiles.state,
    latest_profiles.source,
    latest_profiles.last_seen_at
from profile_subjects
left join brands on profile_subjects.brand_id = brands.brand_id
left join latest_profiles on profile_subjects.subject_key = latest_profiles.subject_key
where profile_subjects.own
order by profile_subjects.brand_id, profile_subjects.subject_key;
