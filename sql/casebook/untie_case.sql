-- Forgets what was said of a case being of one hand with others.
-- Grain: one row per pair. Key: (one_case_id, other_case_id). Binds: case_id.
-- Reads: manual_ties. Read by: Desk.split.
delete from manual_ties
where verdict = 'together' and (one_case_id = $case_id or other_case_id = $case_id);
