-- Adds cases to notices; one that is there stays.
-- Grain: one row per notice and case. Key: (action_id, case_id).
-- Reads: incoming_action_cases (Arrow). Read by: namaak/casework/actions.py.
insert or ignore into action_cases by name
from incoming_action_cases;
