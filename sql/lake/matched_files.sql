-- Every detection that found anything, also those that later ones replaced.
-- Grain: one row per batch and detection. Key: batch_id, number.
select batch_id, number
from detections
where matches > 0
order by batch_id, number;
