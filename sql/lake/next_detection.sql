-- The number of a batch's next detection.
-- Grain: one row.
select coalesce(max(number), 0) + 1
from detections
where batch_id = ?;
