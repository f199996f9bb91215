-- Registrable domains behind more than one case: act on the domain once, not on each host.
-- Grain: one row per registrable domain. Key: domain.
-- Reads: campaigns_by_domain. Read by: staff, with `namaak sql`.
select
    domain,
    cases,
    brands,
    brand_names,
    worst_band,
    highest_score,
    subjects[:10] as some_subjects,
    last_observed_at
from campaigns_by_domain
order by cases desc, domain;
