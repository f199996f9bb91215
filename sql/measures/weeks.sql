-- What came in and what was done, week by week.
-- Grain: one row per week. Key: week. Binds: since, until, brand_id.
-- Reads: work_by_week. Read by: read_measures.
select
    week,
    sum(opened)::bigint as opened,
    sum(confirmed)::bigint as confirmed,
    sum(dismissed)::bigint as dismissed,
    sum(enforced)::bigint as enforced,
    sum(down)::bigint as down,
    sum(resolved)::bigint as resolved,
    sum(relapsed)::bigint as relapsed
from work_by_week
where
    ($since is null or week >= date_trunc('week', $since::timestamptz)::date)
    and ($until is null or week < $until::timestamptz::date)
    and ($brand_id is null or brand_id = $brand_id)
group by week
order by week;
