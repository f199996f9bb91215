-- The part of a case that a person's decision may change.
-- Grain: one row. Key: case_id. Binds: case_id.
-- Reads: cases. Read by: Casebook.decide.
select
    workflow,
    reason_code,
    assignee,
    snooze_until,
    snooze_on_change
from cases
where case_id = ?;
