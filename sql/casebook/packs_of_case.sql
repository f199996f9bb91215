-- The evidence packs made of one case, the latest first.
-- Grain: one row per pack. Key: pack_id. Binds: case_id.
-- Reads: packs. Read by: packs_of.
select *
from packs
where case_id = ?
order by made_at desc, pack_id;
