-- Re-scoring brings no new matches: an empty stage of the same shape.
-- Grain: one row per match. Key: match_id.
-- Reads: matches. Read by: rows_to_rank.sql.
create or replace temporary table staged_matches as
select * exclude (case_id)
from matches
where false;
