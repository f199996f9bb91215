-- Every batch, oldest first.
-- Grain: one row per batch. Key: batch_id.
select batch_id
from batches
order by number;
