-- Stores the matches that moved.
-- Grain: one row per match. Key: match_id.
-- Reads: moved_matches. Read by: Identities.join_accounts.
insert into matches by name
select *
from moved_matches;
