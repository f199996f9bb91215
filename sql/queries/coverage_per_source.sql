-- How much each source gave, and the share of it that could not be read.
-- Grain: one row per source. Key: source.
-- Reads: coverage. Read by: staff, with `namaak sql`.
select
    source,
    count(*) as instances,
    sum(observations)::bigint as observations,
    sum(first_seen)::bigint as first_seen,
    sum(rejected)::bigint as rejected,
    round(100.0 * sum(rejected) / nullif(sum(observations) + sum(rejected), 0), 2) as rejected_percent,
    max(last_gathered_at) as last_gathered_at
from coverage
group by source
order by source;
