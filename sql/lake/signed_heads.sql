-- The heads of one instance with their text, the latest first.
-- Grain: one row per head. Key: size, root, verdict.
select size, root, verdict, signed_at, received_at, key_id, signed_text
from heads
where source = ? and instance = ?
order by received_at desc, size desc;
