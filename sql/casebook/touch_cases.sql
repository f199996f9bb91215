-- Something that a person sees of these cases changed, though nothing of their rows did.
-- Grain: one row per case. Key: case_id. Binds: now.
-- Reads: cases, wanted_cases (Arrow). Read by: Desk.merge, Desk.split.
update cases
set
    updated_at = $now,
    revision = revision + 1
from wanted_cases
where cases.case_id = wanted_cases.case_id;
