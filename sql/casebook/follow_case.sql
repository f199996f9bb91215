-- Writes down what following found out about a case: where it stands, and since when it is down.
-- Grain: one row. Key: case_id.
-- Binds: workflow, reason_code, assignee, snooze_until, snooze_on_change, down_since, relapses,
-- subject_state, now, case_id.
-- Reads: cases. Read by: Checks.record_checks.
update cases
set
    workflow = $workflow,
    reason_code = $reason_code,
    assignee = $assignee,
    snooze_until = $snooze_until,
    snooze_on_change = $snooze_on_change,
    down_since = $down_since,
    relapses = $relapses,
    subject_state = $subject_state,
    updated_at = $now,
    revision = revision + 1
where case_id = $case_id;
