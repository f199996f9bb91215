-- Events after one of them, oldest first: the history part by part.
-- Grain: one row per event. Key: seq. Binds: after, row_limit.
-- Reads: events. Read by: namaak/casework/audit.py.
select
    seq,
    case_id,
    case_seq,
    happened_at,
    actor,
    kind,
    data,
    previous_hash,
    hash,
    chain_hash
from events
where seq > $after
order by seq
limit $row_limit;
