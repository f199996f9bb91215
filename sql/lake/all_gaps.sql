-- Every range that was left out on purpose, and why.
-- Grain: one row per range. Key: source, instance, start_position, end_position.
select source, instance, label, start_position, end_position, reason, recorded_at
from gaps
order by source, label, instance, start_position;
