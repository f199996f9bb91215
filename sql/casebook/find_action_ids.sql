-- Notices whose id begins so.
-- Grain: one row per action, at most ten. Key: action_id. Binds: beginning.
-- Reads: actions. Read by: resolve_action_id.
select action_id
from actions
where starts_with(action_id, ?)
order by action_id
limit 10;
