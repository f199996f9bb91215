-- The last that the history says of a notice: a change of it or an answer to it.
-- Grain: one row, or none. Key: seq. Binds: action_id.
-- Reads: events, action_cases. Read by: namaak/casework/action_rows.py.
select
    events.seq,
    events.data
from events
inner join action_cases on events.case_id = action_cases.case_id
where
    action_cases.action_id = $action_id
    and events.kind in ('action-changed', 'replied')
    and (events.data ->> '$.action_id') = $action_id
order by events.seq desc
limit 1;
