-- Opens cases.
-- Grain: one row per case. Key: case_id.
-- Reads: incoming_cases (Arrow). Read by: Casebook.
insert into cases (
    case_id, brand_id, brand_name, subject_key, subject_kind, subject, domain, series, kind, score, evidence, band,
    confidence, severity,
    workflow, subject_state, reason_code, assignee, snooze_until, snooze_on_change, gates,
    opened_at, updated_at, first_observed_at, last_observed_at, rank_version, revision
)
select
    case_id, brand_id, brand_name, subject_key, subject_kind, subject, domain, series, kind, score, evidence, band,
    confidence, severity,
    workflow, subject_state, reason_code, assignee, snooze_until, snooze_on_change, gates,
    opened_at, updated_at, first_observed_at, last_observed_at, rank_version, revision
from incoming_cases;
