-- The files of name hashes that count, largest first.
-- Grain: one row per file. Key: name.
select name, hashes
from segments
order by hashes desc, name;
