-- Drops a file of name hashes that was merged into another.
-- Grain: one row. Key: name.
delete from segments
where name = ?;
