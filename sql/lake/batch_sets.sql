-- Which sets of brands each batch was matched against.
-- Grain: one row per batch and set, set_id null where there is none. Key: batch_id, set_id.
select batches.batch_id, detections.set_id
from batches
left join detections on detections.batch_id = batches.batch_id
order by batches.number, detections.set_id;
