-- Puts a case under legal hold, or ends that.
-- Grain: no row, or one. Key: case_id. Binds: legal_hold, now, case_id.
-- Reads: cases. Read by: Desk.hold.
update cases
set
    legal_hold = $legal_hold,
    updated_at = $now,
    revision = revision + 1
where case_id = $case_id and legal_hold <> $legal_hold
returning case_id;
