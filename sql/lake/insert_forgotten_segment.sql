-- A file of sorted hashes of what left the lake.
-- Grain: one row per file. Key: name.
insert or ignore into forgotten_segments (name, hashes)
values (?, ?);
