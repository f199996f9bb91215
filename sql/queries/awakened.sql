-- Hosts of cases that were parked, idle or not there when first looked at, and are alive now.
-- Grain: one row per event. Key: seq.
-- Reads: events, cases. Read by: staff, with `namaak sql`.
select
    events.seq,
    events.happened_at,
    cases.case_id,
    cases.brand_name,
    cases.subject as host,
    cases.band,
    cases.score,
    cases.workflow,
    events.data ->> '$.from' as state_before,
    cases.subject_state
from events
inner join cases on events.case_id = cases.case_id
where
    events.kind = 'state-changed'
    and (events.data ->> '$.from') in (
        'unregistered', 'registered', 'parked', 'removed', 'suspended'
    )
    and (events.data ->> '$.to') = 'live'
order by events.seq desc;
