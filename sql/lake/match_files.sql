-- The match files that count, in the order of their batches, of one batch the latest last.
-- Grain: one row per file. Key: batch_id, set_id.
select detections.batch_id, detections.set_id
from detections
join batches on batches.batch_id = detections.batch_id
where detections.matches > 0
order by batches.number, detections.detected_at, detections.set_id;
