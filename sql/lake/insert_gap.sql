-- Records a range that was left out on purpose.
-- Grain: one row. Key: source, instance, start_position, end_position.
insert into gaps (source, instance, label, start_position, end_position, reason, recorded_at)
values (?, ?, ?, ?, ?, ?, ?)
on conflict do nothing;
