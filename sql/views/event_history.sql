-- What happened, newest first, with the brand and the subject it happened to.
-- Grain: one row per event. Key: seq.
-- Reads: events, cases. Read by: the console's history, staff.
create or replace view event_history as
select
    events.seq,
    events.happened_at,
    events.case_id,
    cases.brand_name,
    cases.subject,
    events.kind,
    events.actor,
    events.data
from events
-- Left, so that the history of a case that somebody removed still shows.
left join cases on events.case_id = cases.case_id
order by events.seq desc;
