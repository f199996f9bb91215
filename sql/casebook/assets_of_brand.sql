-- Every subject that ever resembled a brand and is kept, case or not: what a rule may cover.
-- Grain: one row per subject. Key: subject_key. Binds: brand_id.
-- Reads: cases, matches, latest_profiles. Read by: namaak/casework/allowing.py.
with
matched as (
    select
        subject_key,
        any_value(subject_kind) as subject_kind,
        count(*) filter (suppressed is null) as matches,
        max(value) filter (field = 'handle') as handle
    from matches
    where brand_id = $brand_id
    group by subject_key
),
of_cases as (
    select
        case_id,
        subject_key,
        subject_kind,
        subject,
        band,
        score,
        workflow
    from cases
    where brand_id = $brand_id
)
select
    coalesce(of_cases.subject_key, matched.subject_key) as subject_key,
    coalesce(of_cases.subject_kind, matched.subject_kind) as subject_kind,
    coalesce(latest_profiles.handle, matched.handle) as handle,
    coalesce(matched.matches, 0) as matches,
    of_cases.case_id,
    of_cases.subject,
    of_cases.band,
    of_cases.score,
    of_cases.workflow
from of_cases
full outer join matched on of_cases.subject_key = matched.subject_key
left join latest_profiles
    on coalesce(of_cases.subject_key, matched.subject_key) = latest_profiles.subject_key
order by of_cases.score desc nulls last, subject_key;
