-- Cases after one of them, as they stand; a case without a row is there too where an event, a
-- capture, a pack, a notice or a contact is about it and nothing else tells of it.
-- Grain: one row per case. Key: case_id. Binds: after, row_limit.
-- Reads: cases, events, captures, packs, action_cases, contacts, contact_failures,
-- hand_opened. Read by: namaak/casework/audit.py.
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
    union
    select case_id from contacts where case_id > $after
    union
    select case_id from contact_failures where case_id > $after
    union
    select case_id from hand_opened where case_id > $after
    order by case_id
    limit $row_limit
)
select
    part.case_id,
    cases.brand_id,
    cases.subject_key,
    cases.subject_kind,
    cases.subject,
    cases.domain,
    cases.kind,
    cases.opened_at,
    cases.workflow,
    cases.reason_code,
    cases.assignee,
    cases.snooze_until,
    cases.snooze_on_change,
    cases.legal_hold,
    cases.score,
    cases.band,
    cases.confidence,
    cases.severity,
    cases.subject_state,
    cases.down_since,
    cases.relapses
from part
left join cases on part.case_id = cases.case_id
order by part.case_id;
