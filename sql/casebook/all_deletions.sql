-- The log of what was deleted because its time was over.
-- Grain: one row per pass and class. Key: (deleted_at, class).
-- Reads: deletions. Read by: namaak/casework/audit.py.
select
    deleted_at,
    class,
    items,
    actor
from deletions
order by deleted_at, class;
