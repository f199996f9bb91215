-- Counts a file of name hashes in.
-- Grain: one row. Key: name.
insert into segments (name, hashes)
values (?, ?);
