-- Copies how far each instance was read.
-- Grain: one row per instance of a source. Key: (source, instance).
-- Reads: incoming_instances (Arrow). Read by: Casebook.record_coverage.
insert into instances (
    source, instance, label, next_position, complete, stopped, head_size, updated_at
)
select source, instance, label, next_position, complete, stopped, head_size, updated_at
from incoming_instances;
