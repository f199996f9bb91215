-- Writes down a decision.
-- Grain: one row. Key: case_id.
-- Binds: workflow, reason_code, assignee, snooze_until, snooze_on_change, now, case_id.
-- Reads: cases. Read by: Casebook.decide, Casebook.wake_snoozed.
update cases
set
    workflow = $workflow,
    reason_code = $reason_code,
    assignee = $assignee,
    snooze_until = $snooze_until,
    snooze_on_change = $snooze_on_change,
    updated_at = $now,
    revision = revision + 1
where case_id = $case_id;
