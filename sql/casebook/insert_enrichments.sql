-- Copies the answers about hosts.
-- Grain: one row per host, aspect and time. Key: (subject_key, aspect, asked_at).
-- Reads: incoming_enrichments (Arrow). Read by: Casebook.record_enrichments.
insert into enrichments (
    subject_key, host, aspect, asked_at, vantage, outcome, latest, known, facts, raw_sha256,
    raw_type, version, due_at
)
select
    subject_key, host, aspect, asked_at, vantage, outcome, latest, known, facts, raw_sha256,
    raw_type, version, due_at
from incoming_enrichments;
