-- Every word of people about which cases belong together, oldest first.
-- Grain: one row per event. Key: seq.
-- Reads: events. Read by: namaak/casework/audit.py.
select
    seq,
    case_id,
    kind,
    actor,
    happened_at,
    data
from events
where kind in ('merged', 'split')
order by seq;
