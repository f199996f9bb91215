-- Every instance: how far it was read, how far it goes, whether it is stopped.
-- Grain: one row per source and instance: key.
with
tallest as (
    select source, instance, max(size) as size
    from heads
    where verdict in ('verified', 'stale')
    group by source, instance
),
stopped as (
    select source, instance, max(why) as why
    from stops
    where resumed_at is null
    group by source, instance
)
select
    cursors.source, cursors.instance, cursors.label, cursors.next_position, cursors.complete,
    stopped.why as stopped, tallest.size as head_size, cursors.updated_at
from cursors
left join tallest
    on tallest.source = cursors.source
    and tallest.instance = cursors.instance
left join stopped
    on stopped.source = cursors.source
    and stopped.instance = cursors.instance
order by cursors.source, cursors.label, cursors.instance;
