-- What was told of a name takes the place of what was told before.
-- Grain: one row. Key: host. Read by: namaak/sources/permuting/memory.py.
insert into answers (host, existence, reason, asked_at, due_at, failures)
values (:host, :existence, :reason, :asked_at, :due_at, :failures)
on conflict (host) do update set
    existence = excluded.existence,
    reason = excluded.reason,
    asked_at = excluded.asked_at,
    due_at = excluded.due_at,
    failures = excluded.failures;
