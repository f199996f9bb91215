-- A file that another one took in.
-- Grain: one row per file. Key: name.
delete from forgotten_segments
where name = ?;
