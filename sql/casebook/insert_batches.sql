-- Copies the lake's batches.
-- Grain: one row per batch. Key: batch_id.
-- Reads: incoming_batches (Arrow). Read by: Casebook.record_coverage.
insert into batches (
    batch_id, source, instance, label, start_position, end_position, rows, first_seen_rows,
    rejected, gathered_at
)
select
    batch_id, source, instance, label, start_position, end_position, rows, first_seen_rows,
    rejected, gathered_at
from incoming_batches;
