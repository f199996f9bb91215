-- Packs of a part of all cases.
-- Grain: one row per pack. Key: pack_id. Binds: after, up_to (cases).
-- Reads: packs. Read by: namaak/casework/audit.py.
from packs
where case_id > $after and case_id <= $up_to
order by case_id, pack_id;
