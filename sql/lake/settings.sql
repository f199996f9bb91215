-- How the manifest is opened: readers beside one writer, every commit on disk.
-- Grain: none; settings of the connection.
pragma journal_mode = wal;
pragma synchronous = full;
pragma foreign_keys = on;
