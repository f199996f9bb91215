-- What people asked for, of a part of all cases.
-- Grain: one row per case that somebody asked for. Key: case_id. Binds: after, up_to (cases).
-- Reads: hand_opened. Read by: namaak/casework/audit.py.
select
    case_id,
    reason,
    url,
    actor,
    opened_at,
    updated_at
from hand_opened
where case_id > $after and case_id <= $up_to
order by case_id;
