-- Whether a match file was loaded before, by this ranking.
-- Grain: one row if so. Key: match_file. Binds: match_file, rank_version.
-- Read by: Casebook.load_matches.
select 1 as loaded
from loads
where match_file = ? and rank_version = ?
limit 1;
