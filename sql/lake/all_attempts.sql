-- Attempts that failed, by class and status, the latest first.
-- Grain: one row per instance, failure and status: key.
with
counted as (
    -- Of the group SQLite takes the row that has the greatest.
    select
        source, instance, failure, status, sum(attempts) as attempts, last_says,
        max(last_at) as last_at
    from attempts
    group by source, instance, failure, status
)
select
    source, instance, failure, nullif(status, 0) as status, attempts, last_says, last_at
from counted
order by last_at desc, source, instance, failure, status;
