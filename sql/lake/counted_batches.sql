-- Every batch with what it counts, oldest first.
-- Grain: one row per batch. Key: batch_id.
with
trusted as (
    select
        batch_id,
        sum(case when trust = 'verified' then rows else 0 end) as verified_rows,
        sum(case when trust = 'names' then rows else 0 end) as names_rows,
        sum(case when trust = 'unauthenticated' then rows else 0 end) as unauthenticated_rows
    from batch_trust
    group by batch_id
)
select
    batches.batch_id, batches.source, batches.instance, batches.label, batches.start_position,
    batches.end_position, batches.rows, batches.first_seen_rows, batches.rejected,
    batches.gathered_at, trusted.verified_rows, trusted.names_rows, trusted.unauthenticated_rows
from batches
left join trusted on trusted.batch_id = batches.batch_id
order by batches.number;
