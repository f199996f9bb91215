-- Refreshes cases: all that a load or a re-scoring may change of one.
-- Grain: one row per case. Key: case_id.
-- Reads: incoming_cases (Arrow). Read by: Casebook.
update cases
set
    subject = incoming_cases.subject,
    domain = incoming_cases.domain,
    series = incoming_cases.series,
    kind = incoming_cases.kind,
    score = incoming_cases.score,
    evidence = incoming_cases.evidence,
    band = incoming_cases.band,
    confidence = incoming_cases.confidence,
    severity = incoming_cases.severity,
    workflow = incoming_cases.workflow,
    subject_state = incoming_cases.subject_state,
    reason_code = incoming_cases.reason_code,
    snooze_until = incoming_cases.snooze_until,
    snooze_on_change = incoming_cases.snooze_on_change,
    gates = incoming_cases.gates,
    updated_at = incoming_cases.updated_at,
    first_observed_at = incoming_cases.first_observed_at,
    last_observed_at = incoming_cases.last_observed_at,
    rank_version = incoming_cases.rank_version,
    revision = incoming_cases.revision
from incoming_cases
where cases.case_id = incoming_cases.case_id;
