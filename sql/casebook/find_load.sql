-- Whether a match file was loaded before.
-- Grain: one row if so. Key: match_file. Binds: match_file.
-- Read by: Casebook.load_matches.
select 1 as loaded
from loads
where match_file = ?
limit 1;
