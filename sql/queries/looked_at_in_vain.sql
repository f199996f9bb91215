-- What was asked about hosts of cases and not answered, by aspect and outcome.
-- Grain: one row per aspect and outcome. Key: (aspect, outcome).
-- Reads: enrichments. Read by: staff, with `namaak sql`.
select
    aspect,
    outcome,
    count(*) as hosts,
    max(asked_at) as last_asked_at,
    list(host order by asked_at desc)[:5] as some_hosts,
    mode(facts ->> '$.reason') as commonest_reason
from enrichments
where latest and outcome not in ('answered', 'empty', 'absent')
group by aspect, outcome
order by hosts desc, aspect, outcome;
