-- What a source needs to go on in an instance.
-- Grain: one row. Key: source, instance.
insert into instance_states (source, instance, state)
values (?, ?, ?)
on conflict (source, instance) do update set state = excluded.state;
