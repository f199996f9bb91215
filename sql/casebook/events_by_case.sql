-- The history of a part of all cases, each oldest first.
-- Grain: one row per event. Key: (case_id, case_seq). Binds: after, up_to (cases).
-- Reads: events. Read by: namaak/casework/audit.py.
select
    case_id,
    seq,
    case_seq,
    happened_at,
    actor,
    kind,
    data,
    previous_hash,
    hash
from events
where case_id > $after and case_id <= $up_to
order by case_id, case_seq, seq;
