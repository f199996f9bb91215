-- Batches whose profiles were taken over.
-- Grain: one row per batch. Key: batch_id.
-- Reads: profile_batches. Read by: Profiles.read_batches.
select batch_id
from profile_batches;
