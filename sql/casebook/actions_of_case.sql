-- The notices about one case, the first first.
-- Grain: one row per action. Key: action_id. Binds: case_id.
-- Reads: actions, action_cases. Read by: actions_of.
select actions.*
from actions
inner join action_cases on actions.action_id = action_cases.action_id
where action_cases.case_id = ?
order by actions.drafted_at, actions.action_id;
