-- What was proposed about a case, oldest first.
-- Grain: one row per event. Key: seq. Binds: case_id.
-- Reads: events. Read by: not_yet_proposed.
select data
from events
where case_id = ? and kind = 'proposed'
order by seq;
