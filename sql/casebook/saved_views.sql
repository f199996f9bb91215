-- Lists of cases that people saved.
-- Grain: one row per view. Key: name.
-- Reads: saved_views. Read by: namaak/casework/views.py.
select
    name,
    author,
    query,
    made_at,
    updated_at
from saved_views
order by name;
