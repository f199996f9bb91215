-- Counts a file of findings in.
-- Grain: one row per file. Key: name.
insert into enrichment_files (name, findings, stored_at)
values (?, ?, ?);
