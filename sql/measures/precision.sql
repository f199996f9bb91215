-- How often each detector was right, for one brand or for all.
-- Grain: one row per detector and kind of resemblance. Key: (detector, resemblance).
-- Binds: brand_id. Reads: detector_precision. Read by: read_measures.
select *
from detector_precision($brand_id::varchar);
