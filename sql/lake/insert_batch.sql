-- Counts a batch in; its number is the next.
-- Grain: one row. Key: batch_id.
insert into batches (
    batch_id, source, instance, label, start_position, end_position, rows, first_seen_rows,
    rejected, skipped, gathered_at, number
)
select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(max(number), 0) + 1
from batches;
