-- The cases that a notice is about, with what decides whether it may go out and whether it is done.
-- Grain: one row per case. Key: case_id. Binds: action_id.
-- Reads: action_cases, cases. Read by: namaak/casework/action_rows.py, cases_of.
select
    cases.case_id,
    cases.brand_id,
    cases.brand_name,
    cases.subject,
    cases.workflow,
    cases.reason_code,
    cases.assignee,
    cases.snooze_until,
    cases.snooze_on_change,
    cases.down_since
from action_cases
inner join cases on action_cases.case_id = cases.case_id
where action_cases.action_id = ?
order by action_cases.updated_at, cases.case_id;
