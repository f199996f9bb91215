-- One notice, as it is stored.
-- Grain: one row, or none. Key: action_id. Binds: action_id.
-- Reads: actions. Read by: namaak/casework/action_rows.py, read_action.
from actions
where action_id = ?;
