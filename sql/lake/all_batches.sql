-- Every batch, oldest first.
-- Grain: one row per batch. Key: batch_id.
select
    batch_id, source, instance, label, start_position, end_position, rows, first_seen_rows,
    rejected, skipped, gathered_at
from batches
order by number;
