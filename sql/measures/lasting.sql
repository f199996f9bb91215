-- Every stretch that began then, for curves of how many still last after how long.
-- Grain: one row per interval of a case or action. Key: none, it is drawn and not joined.
-- Binds: since, until, brand_id. Reads: timed_intervals. Read by: read_measures.
select
    interval,
    route,
    hours,
    standing
from timed_intervals
where
    interval in ('live', 'take-down', 'acknowledge')
    and ($since is null or started_at >= $since)
    and ($until is null or started_at < $until)
    and ($brand_id is null or brand_id = $brand_id)
order by interval, hours, standing;
