-- Notices that nobody answered in time.
-- Grain: one row per action. Key: action_id. Binds: now.
-- Reads: actions. Read by: overdue_actions.
from actions
where state in ('sent', 'acknowledged') and due_at <= ?
order by due_at, action_id;
