-- What was last asked about a case's host, and what was last known, aspect by aspect.
-- Grain: one row per aspect and time. Key: (aspect, asked_at). Binds: subject_key.
-- Reads: enrichments. Read by: read_case.
select
    aspect,
    asked_at,
    vantage,
    outcome,
    latest,
    known,
    facts,
    raw_sha256,
    due_at
from enrichments
where subject_key = ? and (latest or known)
order by aspect, asked_at desc;
