-- The batch that holds a native position of an instance.
-- Grain: no row, or one. Key: batch_id.
select batch_id
from batches
where source = ? and instance = ? and start_position <= ? and ? < end_position
order by number
limit 1;
