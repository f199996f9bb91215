-- Settings of the one writing connection. What it commits stays in the log when it is closed, so that
-- the log alone can be published.
-- Grain: none. Key: none.
-- Read by: namaak/casework/publishing.py.
set TimeZone = 'UTC';
pragma disable_checkpoint_on_shutdown;
-- DuckDB 1.5 loses text that was null when it replays a log onto this compression.
set disabled_compression_methods = 'dict_fsst';
