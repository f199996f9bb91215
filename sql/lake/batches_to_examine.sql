-- Matched batches gathered before a time that may hold profiles of bystanders, oldest first.
-- Grain: one row per batch. Key: batch_id.
select batches.batch_id, batches.source
from batches
left join forgettings on forgettings.batch_id = batches.batch_id
where
    batches.gathered_at < :before
    and exists (select 1 from detections where detections.batch_id = batches.batch_id)
    and (
        forgettings.batch_id is null
        or (forgettings.waiting > 0 and forgettings.examined_at < :examined_before)
    )
order by batches.number;
