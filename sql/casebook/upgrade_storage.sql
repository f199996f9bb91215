-- Brings a casebook of an older storage version along. `attach` takes no bound values in DuckDB 1.5,
-- so the caller puts the quoted path in the place of :path. It is written at the next checkpoint,
-- and a checkpoint needs a change.
-- Grain: none. Key: none.
-- Read by: namaak/casework/publishing.py.
-- See writer_session.sql.
set disabled_compression_methods = 'dict_fsst';
attach :path as casebook (storage_version 'v1.4.0');
use casebook;
create or replace table being_upgraded (nothing integer);
drop table being_upgraded;
force checkpoint casebook;
use memory;
detach casebook;
