-- Records that a batch was matched against a set of brands.
-- Grain: one row. Key: batch_id, set_id.
insert into detections (batch_id, set_id, matches, detected_at)
values (?, ?, ?, ?)
on conflict (batch_id, set_id) do update set
    matches = excluded.matches,
    detected_at = excluded.detected_at;
