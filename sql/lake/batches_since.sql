-- Batches gathered at a time or later.
-- Grain: one row per batch. Key: batch_id.
select batch_id
from batches
where gathered_at >= ?
order by number;
