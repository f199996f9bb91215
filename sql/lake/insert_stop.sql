-- Stops an instance until a person lets it go on.
-- Grain: one row. Key: source, instance, number.
insert into stops (source, instance, number, why, stopped_at)
select :source, :instance, coalesce(max(number), 0) + 1, :why, :at
from stops
where source = :source and instance = :instance;
