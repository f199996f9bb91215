-- Cases after one of them beside all of their events; a case without a row, or without a history, is
-- there too, and so is one that a capture, a pack or a notice is about and nothing else tells of.
-- Grain: one row per event, or per case without any. Key: (case_id, case_seq). Binds: after,
-- row_limit (of cases).
-- Reads: cases, events, captures, packs, action_cases. Read by: namaak/casework/audit.py.
with
part as (
    select case_id from cases where case_id > $after
    union
    select case_id from events where case_id > $after
    union
    select case_id from captures where case_id > $after
    union
    select case_id from packs where case_id > $after
    union
    select case_id from action_cases where case_id > $after
    order by case_id
    limit $row_limit
)
select
    part.case_id,
    cases.brand_id,
    cases.subject_key,
    cases.subject,
    cases.workflow,
    cases.reason_code,
    cases.assignee,
    cases.snooze_until,
    cases.snooze_on_change,
    cases.legal_hold,
    cases.score,
    cases.band,
    cases.subject_state,
    cases.down_since,
    cases.relapses,
    events.seq,
    events.case_seq,
    events.happened_at,
    events.actor,
    events.kind,
    events.data,
    events.previous_hash,
    events.hash
from part
left join cases on part.case_id = cases.case_id
left join events on part.case_id = events.case_id
order by part.case_id, events.case_seq, events.seq;
