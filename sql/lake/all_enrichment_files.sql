-- The files of findings that count, oldest first.
-- Grain: one row per file. Key: name.
select name
from enrichment_files
order by stored_at, name;
