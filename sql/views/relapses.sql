-- What was down or resolved and came back: since when it had been down, who saw it again, and what was
-- otherwise than before. The latest first.
-- Grain: one row per return. Key: seq.
-- Reads: events, cases. Read by: the console, staff.
create or replace view relapses as
select
    events.seq,
    events.happened_at,
    cases.case_id,
    cases.brand_id,
    cases.brand_name,
    cases.subject,
    cases.workflow,
    (events.data ->> '$.down_since')::timestamptz as down_since,
    (events.data ->> '$.seen_at')::timestamptz as seen_at,
    (events.data ->> '$.was') = 'resolved' as was_resolved,
    events.data ->> '$.says' as says,
    (events.data -> '$.changes' ->> '$[*].says')::varchar[] as changed,
    cases.relapses
from events
inner join cases on events.case_id = cases.case_id
where events.kind = 'relapsed'
order by events.seq desc;
