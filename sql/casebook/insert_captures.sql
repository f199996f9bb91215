-- Keeps a capture, unless it is kept already.
-- Grain: one row per capture. Key: capture_id.
-- Reads: incoming_captures (Arrow), captures. Read by: Captures.record_capture.
insert into captures by name
select *
from incoming_captures
where capture_id not in (select capture_id from captures);
