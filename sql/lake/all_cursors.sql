-- How far every source was read.
-- Grain: one row per source and instance: key.
select source, instance, label, next_position, complete, updated_at
from cursors
order by source, label, instance;
