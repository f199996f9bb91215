-- Records that a batch was matched against a set of brands.
-- Grain: one row. Key: batch_id, number.
insert into detections (batch_id, number, set_id, matches, detected_at)
values (?, ?, ?, ?, ?);
