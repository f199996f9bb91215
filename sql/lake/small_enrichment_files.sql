-- Files of few findings, oldest first: many of them are merged into one.
-- Grain: one row per file. Key: name.
select name
from enrichment_files
where findings < ?
order by stored_at, name;
