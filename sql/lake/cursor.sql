-- How far an instance was read.
-- Grain: no row, or one. Key: source, instance.
select next_position, complete
from cursors
where source = ? and instance = ?;
