-- Writes down that a pack was made, unless that stands there already.
-- Grain: one row per pack. Key: pack_id.
-- Reads: incoming_packs (Arrow), packs. Read by: Captures.record_pack.
insert into packs by name
select *
from incoming_packs
where pack_id not in (select pack_id from packs);
