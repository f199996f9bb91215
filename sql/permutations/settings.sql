-- How the source's memory is kept: a killed process loses nothing that it wrote.
-- Grain: none. Key: none. Read by: namaak/sources/permuting/memory.py (SQLite).
pragma journal_mode = wal;
pragma synchronous = normal;
