-- How far each log, zone and list was read against what its newest head promises. A share is of
-- that instance alone: nobody can read every log, and nothing here says "complete" of the world.
-- Grain: one row per instance of a source. Key: (source, instance).
-- Reads: instances, coverage_gaps, log_heads, batches, fetch_attempts.
-- Read by: `namaak doctor`, the console, staff.
create or replace view log_coverage as
with
left_out as (
    select
        source,
        instance,
        sum(end_position - start_position)::bigint as entries,
        arg_max(reason, recorded_at) as last_reason
    from coverage_gaps
    group by source, instance
),
last_heads as (
    select
        source,
        instance,
        count(*) as heads,
        count(*) filter (verdict not in ('verified', 'stale', 'older', 'contradicted')) as heads_refused,
        max(received_at) as last_received_at,
        arg_max(coalesce(signed_at, received_at), received_at) as last_signed_at,
        arg_max(verdict, received_at) as last_verdict
    from log_heads
    group by source, instance
),
gathered as (
    select
        source,
        instance,
        sum(rows)::bigint as observations,
        sum(rejected)::bigint as rejected,
        sum(verified_rows)::bigint as verified_rows,
        sum(names_rows)::bigint as names_rows,
        sum(unauthenticated_rows)::bigint as unauthenticated_rows
    from batches
    group by source, instance
),
failed_by_class as (
    select
        source,
        instance,
        failure,
        sum(attempts)::bigint as attempts,
        max(last_at) as last_at
    from fetch_attempts
    group by source, instance, failure
),
failed as (
    select
        source,
        instance,
        sum(attempts)::bigint as failed_attempts,
        arg_max(failure, attempts) as commonest_failure,
        max(last_at) as last_failed_at
    from failed_by_class
    group by source, instance
),
measured as (
    select
        instances.*,
        coalesce(left_out.entries, 0) as left_out,
        left_out.last_reason as left_out_because,
        instances.next_position - coalesce(left_out.entries, 0) as read
    from instances
    left join left_out
        on instances.source = left_out.source
        and instances.instance = left_out.instance
)
select
    measured.source,
    measured.instance,
    measured.label,
    measured.head_size,
    measured.next_position,
    measured.read,
    measured.left_out,
    measured.left_out_because,
    -- What is still to be read; null where no head says how much there is.
    case
        when measured.head_size is not null
            then greatest(measured.head_size - measured.next_position, 0)
    end as lag,
    case
        when measured.head_size > 0
            then round(least(measured.read / measured.head_size, 1.0), 4)
    end as share_read,
    measured.complete,
    measured.stopped,
    coalesce(last_heads.heads, 0) as heads,
    coalesce(last_heads.heads_refused, 0) as heads_refused,
    last_heads.last_signed_at,
    last_heads.last_received_at,
    last_heads.last_verdict,
    coalesce(gathered.observations, 0) as observations,
    -- How far what it gave can be proved to others; null where nothing was said.
    gathered.verified_rows,
    gathered.names_rows,
    gathered.unauthenticated_rows,
    coalesce(gathered.rejected, 0) as rejected,
    coalesce(failed.failed_attempts, 0) as failed_attempts,
    failed.commonest_failure,
    failed.last_failed_at,
    measured.updated_at
from measured
left join last_heads
    on measured.source = last_heads.source
    and measured.instance = last_heads.instance
left join gathered
    on measured.source = gathered.source
    and measured.instance = gathered.instance
left join failed
    on measured.source = failed.source
    and measured.instance = failed.instance
order by measured.stopped is null, lag desc nulls last, measured.source, measured.instance;
