-- Moves the cursor of an instance.
-- Grain: one row. Key: source, instance.
insert into cursors (source, instance, label, next_position, complete, updated_at)
values (?, ?, ?, ?, ?, ?)
on conflict (source, instance) do update set
    next_position = excluded.next_position,
    complete = excluded.complete,
    updated_at = excluded.updated_at;
