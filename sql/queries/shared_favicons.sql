-- Favicons that two or more hosts of cases show: often one kit, or one hand.
-- Grain: one row per favicon_sha256. Key: favicon_sha256.
-- Reads: host_details, cases. Read by: staff, with `namaak sql`.
with
shared as (
    select
        subject_key,
        unnest(list_distinct(list_transform(icons, lambda icon: icon.sha256))) as favicon_sha256
    from host_details
)
select
    shared.favicon_sha256,
    count(*) as cases,
    count(distinct cases.subject_key) as hosts,
    count(distinct cases.brand_id) as brands,
    max(cases.score) as highest_score,
    list(distinct cases.subject order by cases.subject)[:10] as some_hosts
from shared
inner join cases on shared.subject_key = cases.subject_key
where
    shared.favicon_sha256 is not null
    and cases.workflow not in ('dismissed', 'closed')
group by shared.favicon_sha256
having count(distinct cases.subject_key) >= 2
order by hosts desc, shared.favicon_sha256;
