-- Names of one detection that resemble a brand too faintly to be kept.
-- Grain: one row per brand. Key: brand_id. Binds: batch_id, number.
select brand_id, pairs
from faint_pairs
where batch_id = ? and number = ?
order by brand_id;
