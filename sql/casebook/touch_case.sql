-- Something was added to a case that people see of it.
-- Grain: one row. Key: case_id. Binds: now, case_id.
-- Reads: cases. Read by: Captures.record_capture, Captures.record_pack.
update cases
set
    updated_at = $now,
    revision = revision + 1
where case_id = $case_id;
