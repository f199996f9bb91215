-- Settings of a reading connection: no files, no network, and no way back to them.
-- Grain: none. Key: none.
-- Read by: namaak/casework/reading.py.
set TimeZone = 'UTC';
set enable_external_access = false;
set lock_configuration = true;
