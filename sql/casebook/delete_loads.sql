-- Drops what an earlier ranking counted of a match file, before it is counted again.
-- Grain: one row per match file and brand. Key: (match_file, brand_id). Binds: match_file.
-- Read by: Casebook.load_matches.
delete from loads
where match_file = ?;
