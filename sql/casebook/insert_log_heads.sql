-- Copies the heads of logs.
-- Grain: one row per head that is kept. Key: (source, instance, size, root, verdict).
-- Reads: incoming_log_heads (Arrow). Read by: Casebook.record_coverage.
insert into log_heads (source, instance, size, root, signed_at, received_at, verdict, key_id)
select source, instance, size, root, signed_at, received_at, verdict, key_id
from incoming_log_heads;
