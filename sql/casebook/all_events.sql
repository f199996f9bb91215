-- The whole history, oldest first.
-- Grain: one row per event. Key: seq.
-- Reads: events. Read by: verify_history.
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
order by seq;
