-- Empties the copy of the heads of logs, to be filled anew.
-- Grain: one row per head that is kept. Key: (source, instance, size, root, verdict).
-- Read by: Casebook.record_coverage.
delete from log_heads;
