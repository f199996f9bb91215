-- Settings of the one writing connection.
-- Grain: none. Key: none.
-- Read by: namaak/casework/publishing.py.
set TimeZone = 'UTC';
