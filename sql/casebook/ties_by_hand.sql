-- What people said of a case and others.
-- Grain: one row per pair. Key: (one_case_id, other_case_id). Binds: case_id.
-- Reads: manual_ties. Read by: ties_by_hand in namaak/casework/reading.py.
select
    one_case_id,
    other_case_id,
    verdict,
    actor,
    note,
    tied_at
from manual_ties
where one_case_id = $case_id or other_case_id = $case_id
order by tied_at, one_case_id, other_case_id;
