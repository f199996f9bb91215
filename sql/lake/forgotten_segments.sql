-- Files of sorted hashes of what left the lake.
-- Grain: one row per file. Key: name.
select name, hashes
from forgotten_segments
order by name;
