-- Packs of a part of all cases, with what the history says of each.
-- Grain: one row per pack. Key: pack_id. Binds: after, up_to (cases).
-- Reads: packs. Read by: namaak/casework/audit.py.
select
    case_id,
    pack_id,
    profile,
    path,
    tagmanifest_sha256,
    signed,
    stamped,
    actor as told_by,
    made_at as told_at
from packs
where case_id > $after and case_id <= $up_to
order by case_id, pack_id;
