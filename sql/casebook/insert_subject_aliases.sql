-- Stores which account a handle was, and when.
-- Grain: one row per handle-only key and stretch. Key: (alias_key, held_from).
-- Reads: incoming_aliases (Arrow). Read by: Identities.join_accounts.
insert into subject_aliases (alias_key, subject_key, held_from, held_to, outcome, says)
select alias_key, subject_key, held_from, held_to, outcome, says
from incoming_aliases;
