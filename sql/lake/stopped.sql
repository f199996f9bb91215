-- Why an instance is stopped.
-- Grain: no row, or one. Key: source, instance.
select why
from stops
where source = ? and instance = ? and resumed_at is null
order by number desc
limit 1;
