-- Tracker ids that two or more hosts of cases carry: somebody counts their visitors together.
-- Grain: one row per tracker. Key: tracker.
-- Reads: host_details, cases. Read by: staff, with `namaak sql`.
with
shared as (
    select
        subject_key,
        unnest(list_distinct(trackers)) as tracker
    from host_details
)
select
    shared.tracker,
    count(*) as cases,
    count(distinct cases.subject_key) as hosts,
    count(distinct cases.brand_id) as brands,
    max(cases.score) as highest_score,
    list(distinct cases.subject order by cases.subject)[:10] as some_hosts
from shared
inner join cases on shared.subject_key = cases.subject_key
where
    shared.tracker is not null
    and cases.workflow not in ('dismissed', 'closed')
group by shared.tracker
having count(distinct cases.subject_key) >= 2
order by hosts desc, shared.tracker;
