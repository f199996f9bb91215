-- Names of which nobody told and which are due, the longest due first.
-- Grain: one row per name. Key: host. Read by: namaak/sources/permuting/memory.py.
select host
from answers
where existence = 'unknown' and due_at <= :now
order by due_at, host
limit :many;
