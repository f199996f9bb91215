-- Which migrations ran; made before any of them.
-- Grain: one row per migration. Key: name.
-- Read by: namaak/casework/migrations.py.
create table if not exists schema_migrations (
    name varchar primary key,
    checksum varchar not null,
    applied_at timestamptz not null
);
