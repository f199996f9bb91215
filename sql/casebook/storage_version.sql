-- From which version of DuckDB on the file can be read.
-- Grain: one row. Key: none.
-- Read by: namaak/casework/publishing.py.
select tags['storage_version'] as storage_version
from duckdb_databases()
where database_name = current_database();
