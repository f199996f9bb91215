-- The files of described pictures that count, in the order in which they were written.
-- Grain: one row per file. Key: batch_id, number.
select picture_files.batch_id, picture_files.number
from picture_files
inner join detections
    on detections.batch_id = picture_files.batch_id
    and detections.number = picture_files.number
inner join batches on batches.batch_id = picture_files.batch_id
order by detections.detected_at, batches.number, picture_files.number;
