-- Sets of scripts and styles that two or more hosts of cases load: often one kit.
-- Grain: one row per script_set. Key: script_set.
-- Reads: host_details, cases. Read by: staff, with `namaak sql`.
with
shared as (
    select
        subject_key,
        unnest(list_distinct([script_set])) as script_set
    from host_details
)
select
    shared.script_set,
    count(*) as cases,
    count(distinct cases.subject_key) as hosts,
    count(distinct cases.brand_id) as brands,
    max(cases.score) as highest_score,
    list(distinct cases.subject order by cases.subject)[:10] as some_hosts
from shared
inner join cases on shared.subject_key = cases.subject_key
where
    shared.script_set is not null
    and cases.workflow not in ('dismissed', 'closed')
group by shared.script_set
having count(distinct cases.subject_key) >= 2
order by hosts desc, shared.script_set;
