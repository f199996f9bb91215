-- The history of one case, oldest first.
-- Grain: one row per event. Key: case_seq. Binds: case_id.
-- Reads: events. Read by: read_case.
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
where case_id = ?
order by case_seq;
