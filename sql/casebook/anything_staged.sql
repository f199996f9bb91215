-- Whether there is a pair to weigh.
-- Grain: one row. Key: none.
-- Reads: staged_pairs. Read by: namaak/casework/working.py.
select exists (from staged_pairs) as anything;
