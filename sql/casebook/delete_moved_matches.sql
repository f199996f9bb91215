-- Drops matches that stand under another key now, and what they replace there.
-- Grain: one row per match. Key: match_id.
-- Reads: incoming_moves (Arrow), moved_matches. Read by: Identities.join_accounts.
delete from matches
where
    match_id in (select match_id from incoming_moves)
    or match_id in (select match_id from moved_matches);
