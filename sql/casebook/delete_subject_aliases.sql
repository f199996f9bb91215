-- Drops what was known of handles of which something is known now.
-- Grain: one row per handle-only key and stretch. Key: (alias_key, held_from).
-- Reads: incoming_aliases (Arrow). Read by: Identities.join_accounts.
delete from subject_aliases
where alias_key in (select alias_key from incoming_aliases);
