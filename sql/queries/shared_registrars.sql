-- Registrars of two or more hosts of cases: one letter may do for all of them.
-- Grain: one row per registrar. Key: registrar.
-- Reads: host_details, cases. Read by: staff, with `namaak sql`.
with
shared as (
    select
        subject_key,
        unnest(list_distinct([registrar])) as registrar
    from host_details
)
select
    shared.registrar,
    count(*) as cases,
    count(distinct cases.subject_key) as hosts,
    count(distinct cases.brand_id) as brands,
    max(cases.score) as highest_score,
    list(distinct cases.subject order by cases.subject)[:10] as some_hosts
from shared
inner join cases on shared.subject_key = cases.subject_key
where
    shared.registrar is not null
    and cases.workflow not in ('dismissed', 'closed')
group by shared.registrar
having count(distinct cases.subject_key) >= 2
order by hosts desc, shared.registrar;
