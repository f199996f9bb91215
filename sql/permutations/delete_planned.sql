-- The batch is stored, or another is planned in its place.
-- Grain: all rows. Key: position. Read by: namaak/sources/permuting/memory.py.
delete from planned;
