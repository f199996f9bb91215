-- The signed heads that are kept, the latest first; their text stays in the lake.
-- Grain: one row per head. Key: source, instance, size, root, verdict.
select source, instance, size, root, signed_at, received_at, verdict, key_id
from heads
order by received_at desc, source, instance, size desc;
