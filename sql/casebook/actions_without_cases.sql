-- Notices, or answers to one, that no case is named for: no history tells of them.
-- Grain: one row per notice. Key: action_id.
-- Reads: actions, action_replies, action_cases. Read by: namaak/casework/audit.py.
select action_id from actions
union
select action_id from action_replies
except
select action_id from action_cases
order by action_id;
