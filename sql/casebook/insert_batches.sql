-- Copies the lake's batches; by name, because what a batch says of trust may be absent.
-- Grain: one row per batch. Key: batch_id.
-- Reads: incoming_batches (Arrow). Read by: Casebook.record_coverage.
insert into batches by name
from incoming_batches;
