-- The weights that were learned, the newest first.
-- Grain: one row per version. Key: version.
-- Reads: weight_versions. Read by: Learning, learned.reading.
select *
from weight_versions
order by made_at desc, version;
