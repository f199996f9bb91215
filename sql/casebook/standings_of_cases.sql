-- The part of cases that a person's decision may change.
-- Grain: one row per wanted case that there is. Key: case_id.
-- Reads: cases, wanted_cases (Arrow). Read by: Deciding.decide_all.
select
    case_id,
    workflow,
    reason_code,
    assignee,
    snooze_until,
    snooze_on_change,
    band
from cases
where case_id in (select case_id from wanted_cases);
