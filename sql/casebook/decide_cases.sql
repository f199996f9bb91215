-- Writes down decisions.
-- Grain: one row per case. Key: case_id.
-- Reads: cases, incoming_decisions (Arrow). Read by: Deciding.decide_all.
update cases
set
    workflow = incoming_decisions.workflow,
    reason_code = incoming_decisions.reason_code,
    assignee = incoming_decisions.assignee,
    snooze_until = incoming_decisions.snooze_until,
    snooze_on_change = incoming_decisions.snooze_on_change,
    updated_at = incoming_decisions.updated_at,
    revision = cases.revision + 1
from incoming_decisions
where cases.case_id = incoming_decisions.case_id;
