-- The views as the casebook holds them, to see whether the .sql files changed any.
-- Grain: one row per view. Key: view_name.
-- Read by: namaak/casework/migrations.py.
select
    view_name,
    sql
from duckdb_views()
where not internal and not temporary
order by view_name;
