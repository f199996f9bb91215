-- Name servers behind two or more hosts of cases; those of large providers say little.
-- Grain: one row per name_server. Key: name_server.
-- Reads: host_details, cases. Read by: staff, with `namaak sql`.
with
shared as (
    select
        subject_key,
        unnest(list_distinct(name_servers)) as name_server
    from host_details
)
select
    shared.name_server,
    count(*) as cases,
    count(distinct cases.subject_key) as hosts,
    count(distinct cases.brand_id) as brands,
    max(cases.score) as highest_score,
    list(distinct cases.subject order by cases.subject)[:10] as some_hosts
from shared
inner join cases on shared.subject_key = cases.subject_key
where
    shared.name_server is not null
    and cases.workflow not in ('dismissed', 'closed')
group by shared.name_server
having count(distinct cases.subject_key) >= 2
order by hosts desc, shared.name_server;
