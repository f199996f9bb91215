-- The migrations that ran, in order.
-- Grain: one row per migration. Key: name.
-- Read by: namaak/casework/migrations.py.
select
    name,
    checksum
from schema_migrations
order by name;
