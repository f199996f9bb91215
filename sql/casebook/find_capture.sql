-- Whether a capture is kept already.
-- Grain: one row, or none. Key: capture_id. Binds: capture_id.
-- Reads: captures. Read by: Captures.record_capture.
select case_id
from captures
where capture_id = ?;
