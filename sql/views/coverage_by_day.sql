-- What was read of each input on each day (UTC), what was left out, and what heads it showed.
-- Grain: one row per source, instance and day on which anything happened. Key: (source, instance,
-- day).
-- Reads: batches, coverage_gaps, log_heads, instances. Read by: the console, staff.
create or replace view coverage_by_day as
with
positions_covered as (
    select
        source,
        instance,
        make_date(
            year(gathered_at at time zone 'UTC'),
            month(gathered_at at time zone 'UTC'),
            day(gathered_at at time zone 'UTC')
        ) as day,
        1 as batches,
        coalesce(end_position - start_position, 0) as positions,
        rows as observations,
        first_seen_rows as first_seen,
        rejected,
        0 as left_out,
        null as head_size
    from batches
    union all
    select
        source,
        instance,
        make_date(
            year(recorded_at at time zone 'UTC'),
            month(recorded_at at time zone 'UTC'),
            day(recorded_at at time zone 'UTC')
        ) as day,
        0 as batches,
        0 as positions,
        0 as observations,
        0 as first_seen,
        0 as rejected,
        end_position - start_position as left_out,
        null as head_size
    from coverage_gaps
),
happened as (
    select * from positions_covered
    union all
    select
        source,
        instance,
        make_date(
            year(received_at at time zone 'UTC'),
            month(received_at at time zone 'UTC'),
            day(received_at at time zone 'UTC')
        ) as day,
        0 as batches,
        0 as positions,
        0 as observations,
        0 as first_seen,
        0 as rejected,
        0 as left_out,
        size as head_size
    from log_heads
    where verdict = 'verified'
),
days as (
    select
        source,
        instance,
        day,
        sum(batches)::bigint as batches,
        sum(positions)::bigint as positions,
        sum(observations)::bigint as observations,
        sum(first_seen)::bigint as first_seen,
        sum(rejected)::bigint as rejected,
        sum(left_out)::bigint as left_out,
        max(head_size) as largest_head
    from happened
    group by source, instance, day
)
select
    days.source,
    days.instance,
    instances.label,
    days.day,
    days.batches,
    -- A batch covers the ranges that were left out within it.
    days.positions - days.left_out as read,
    days.left_out,
    days.observations,
    days.first_seen,
    days.rejected,
    days.largest_head
from days
left join instances
    on days.source = instances.source
    and days.instance = instances.instance
order by days.day desc, days.source, days.instance;
