-- At the start of a cycle: every name is asked again at its place; of names that nobody asked
-- about for long nothing is kept.
-- Grain: many rows. Key: host. Read by: namaak/sources/permuting/memory.py.
delete from answers
where existence = 'unknown' or due_at < :before;
