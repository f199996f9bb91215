-- Contacts, payment addresses, links and texts that two or more accounts or apps of cases give.
-- Grain: one row per kind and value. Key: (kind, value).
-- Reads: profile_ties, cases. Read by: staff, with `namaak sql`.
select
    profile_ties.kind,
    any_value(profile_ties.shown) as shown,
    profile_ties.value,
    count(*) as cases,
    count(distinct cases.subject_key) as subjects,
    count(distinct cases.brand_id) as brands,
    max(cases.score) as highest_score,
    list(distinct cases.subject order by cases.subject)[:10] as some_subjects
from profile_ties
inner join cases on profile_ties.subject_key = cases.subject_key
where
    profile_ties.kind <> 'host'
    and cases.workflow <> 'dismissed'
    and not (cases.workflow = 'closed' and cases.reason_code is not null)
group by profile_ties.kind, profile_ties.value
having count(distinct cases.subject_key) >= 2
order by subjects desc, profile_ties.kind, profile_ties.value;
