-- Cases that share a registrable domain, often one hand with many brands or many hosts.
-- Only hosts whose registrable domain is known count; names under a free hosting service have
-- one each, because the suffix list's private section is in use.
-- Grain: one row per registrable domain with two or more cases. Key: domain.
-- Reads: cases, bands. Read by: staff.
create or replace view campaigns_by_domain as
select
    cases.domain,
    count(*) as cases,
    count(distinct cases.brand_id) as brands,
    list(distinct cases.brand_name order by cases.brand_name) as brand_names,
    list(distinct cases.subject order by cases.subject) as subjects,
    arg_max(cases.band, bands.rank) as worst_band,
    max(cases.score) as highest_score,
    min(cases.first_observed_at) as first_observed_at,
    max(cases.last_observed_at) as last_observed_at
from cases
inner join bands on cases.band = bands.band
where cases.domain is not null
group by cases.domain
having count(*) >= 2
order by max(bands.rank) desc, count(*) desc, cases.domain;
