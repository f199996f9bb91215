-- The part of these cases that following may change, and their plans.
-- Grain: one row per case. Key: case_id.
-- Reads: cases, check_plans, wanted_cases (Arrow). Read by: Checks.record_checks.
select
    cases.case_id,
    cases.workflow,
    cases.reason_code,
    cases.assignee,
    cases.snooze_until,
    cases.snooze_on_change,
    cases.opened_at,
    cases.down_since,
    cases.subject_state,
    cases.relapses,
    check_plans.baseline,
    check_plans.quiet_since
from cases
inner join wanted_cases on cases.case_id = wanted_cases.case_id
left join check_plans on cases.case_id = check_plans.case_id
order by cases.case_id;
