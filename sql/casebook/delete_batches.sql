-- Empties the copy of the lake's batches, to be filled anew.
-- Grain: one row per batch. Key: batch_id.
-- Read by: Casebook.record_coverage.
delete from batches;
