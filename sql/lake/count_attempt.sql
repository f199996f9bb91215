-- Counts an attempt that failed, with the others of its kind on that day.
-- Grain: one row. Key: source, instance, failure, status, day.
insert into attempts (
    source, instance, label, failure, status, day, attempts, last_url, last_says, last_at
)
values (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)
on conflict (source, instance, failure, status, day) do update set
    attempts = attempts + 1,
    label = excluded.label,
    last_url = excluded.last_url,
    last_says = excluded.last_says,
    last_at = excluded.last_at;
