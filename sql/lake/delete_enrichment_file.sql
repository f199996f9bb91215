-- Forgets a file that was merged.
-- Grain: one row per file. Key: name.
delete from enrichment_files
where name = ?;
