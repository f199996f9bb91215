-- The match files that were loaded by a ranking.
-- Grain: one row per match file. Key: match_file. Binds: rank_version.
-- Reads: loads. Read by: Casebook.not_yet_loaded.
select distinct match_file
from loads
where rank_version = ?
order by match_file;
