-- Drops the stored matches that a later look replaces or withdraws.
-- Grain: one row per match. Key: match_id.
-- Reads: staged_matches, staged_withdrawals. Read by: Casebook.
delete from matches
where
    match_id in (select match_id from staged_matches)
    or match_id in (select match_id from staged_withdrawals);
