-- Remembers which batches were read.
-- Grain: one row per batch. Key: batch_id. Binds: now.
-- Reads: incoming_profile_batches (Arrow). Read by: Profiles.record_profiles.
insert into profile_batches (batch_id, read_at)
select
    batch_id,
    $now as read_at
from incoming_profile_batches
on conflict do nothing;
