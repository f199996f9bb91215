-- From which files the views and macros were created last.
-- Grain: one row, or none. Key: what.
-- Reads: definitions. Read by: namaak/casework/migrations.py.
select digest
from definitions
where what = 'views';
