-- Makes an instance known that could not be read at all yet.
-- Grain: one row. Key: source, instance.
insert into cursors (source, instance, label, next_position, complete, updated_at)
values (?, ?, ?, 0, 0, ?)
on conflict do nothing;
