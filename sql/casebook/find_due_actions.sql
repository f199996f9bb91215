-- Notices that need a person, as lists show them.
-- Grain: one row per action. Key: action_id. Binds: row_limit; null is all.
-- Reads: due_actions. Read by: find_due_actions.
from due_actions
order by due_at asc nulls last, updated_at, action_id
limit $row_limit;
