-- What people said of a case and others: together, or apart.
-- Grain: one row per pair. Key: (one_case_id, other_case_id). Binds: case_id.
-- Reads: manual_ties. Read by: said_of_case in namaak/casework/ties.py.
select
    case when one_case_id = $case_id then other_case_id else one_case_id end as case_id,
    verdict
from manual_ties
where one_case_id = $case_id or other_case_id = $case_id
order by case_id;
