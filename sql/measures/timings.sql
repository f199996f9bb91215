-- How long things take, of intervals that began in a stretch of time.
-- Grain: one row per interval, grouping and group. Key: these three. Binds: since, until, brand_id.
-- Reads: timings. Read by: read_measures.
select *
from timings($since::timestamptz, $until::timestamptz, $brand_id::varchar);
