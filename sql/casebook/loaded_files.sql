-- The match files that were loaded.
-- Grain: one row per match file. Key: match_file.
-- Reads: loads. Read by: Casebook.not_yet_loaded.
select distinct match_file
from loads
order by match_file;
