-- What was answered to a notice, in the order of logging.
-- Grain: one row per answer. Key: position. Binds: action_id.
-- Reads: action_replies. Read by: replies_of, namaak/casework/actions.py.
from action_replies
where action_id = ?
order by position;
