-- Keeps a signed head; received again, only the first time counts.
-- Grain: one row. Key: source, instance, size, root, verdict.
insert into heads (
    source, instance, size, root, verdict, signed_at, received_at, key_id, signed_text
)
values (?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict do nothing;
