-- Captures of a part of all cases.
-- Grain: one row per capture. Key: capture_id. Binds: after, up_to (cases).
-- Reads: captures. Read by: namaak/casework/audit.py.
from captures
where case_id > $after and case_id <= $up_to
order by case_id, capture_id;
