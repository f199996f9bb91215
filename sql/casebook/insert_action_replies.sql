-- Adds answers to notices; nothing changes one.
-- Grain: one row per answer. Key: (action_id, position).
-- Reads: incoming_action_replies (Arrow). Read by: namaak/casework/actions.py.
insert into action_replies by name
from incoming_action_replies;
