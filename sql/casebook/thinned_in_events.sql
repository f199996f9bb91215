-- Every time that evidence of a case was deleted because its time was over, as the history says it.
-- Grain: one row per event. Key: seq.
-- Reads: events. Read by: namaak/casework/audit.py.
select
    seq,
    case_id,
    actor,
    happened_at,
    data
from events
where kind = 'thinned'
order by seq;
