-- What people say of pairs of cases, as it stands.
-- Grain: one row per pair. Key: (one_case_id, other_case_id).
-- Reads: manual_ties. Read by: namaak/casework/audit.py.
select
    one_case_id,
    other_case_id,
    verdict,
    actor,
    note,
    tied_at
from manual_ties
order by one_case_id, other_case_id;
