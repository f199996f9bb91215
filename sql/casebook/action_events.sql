-- What the history says of a notice, oldest first; of each thing that happened one event a case.
-- Grain: one row per event. Key: seq. Binds: action_id.
-- Reads: events, action_cases. Read by: namaak/casework/action_sending.py.
select
    events.seq,
    events.kind,
    events.actor,
    events.data
from events
inner join action_cases on events.case_id = action_cases.case_id
where
    action_cases.action_id = $action_id
    and events.kind = 'action-changed'
    and (events.data ->> '$.action_id') = $action_id
order by events.seq;
