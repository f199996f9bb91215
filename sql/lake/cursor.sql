-- How far an instance was read, what its source needs to go on, and whether it is stopped.
-- Grain: no row, or one. Key: source, instance.
select cursors.next_position, cursors.complete, instance_states.state
from cursors
left join instance_states
    on instance_states.source = cursors.source
    and instance_states.instance = cursors.instance
where cursors.source = ? and cursors.instance = ?;
