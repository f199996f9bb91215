-- The views and macros as the casebook holds them, to see whether the .sql files changed any.
-- Grain: one row per view or macro. Key: view_name.
-- Read by: namaak/casework/migrations.py.
select
    view_name,
    sql
from duckdb_views()
where not internal and not temporary
union all
select
    function_name as view_name,
    parameters::varchar || macro_definition as sql
from duckdb_functions()
where function_type in ('macro', 'table_macro') and not internal
order by view_name;
