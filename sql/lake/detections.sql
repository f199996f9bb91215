-- Which sets of brands each batch was matched against, the latest of a batch last.
-- Grain: one row per batch and detection, null where there is none. Key: batch_id, number.
select batches.batch_id, detections.number, detections.set_id, detections.matches
from batches
left join detections on detections.batch_id = batches.batch_id
order by batches.number, detections.number;
