-- Notices about a part of all cases; one that is gone while a case names it still has no state.
-- Grain: one row per notice and case. Key: (case_id, action_id). Binds: after, up_to (cases).
-- Reads: action_cases, actions. Read by: namaak/casework/audit.py.
select
    action_cases.case_id,
    actions.* exclude (action_id),
    action_cases.action_id
from action_cases
left join actions on action_cases.action_id = actions.action_id
where action_cases.case_id > $after and action_cases.case_id <= $up_to
order by action_cases.case_id, action_cases.action_id;
