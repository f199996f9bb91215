-- Writes notices, new ones and changed ones.
-- Grain: one row per action. Key: action_id.
-- Reads: incoming_actions (Arrow). Read by: namaak/casework/action_rows.py.
insert or replace into actions by name
from incoming_actions;
