-- Notes one migration, in the transaction that applied it.
-- Grain: one row. Key: name. Binds: name, checksum, applied_at.
-- Read by: namaak/casework/migrations.py.
insert into schema_migrations (name, checksum, applied_at)
values (?, ?, ?);
