-- Whether a pack is written down already.
-- Grain: one row, or none. Key: pack_id. Binds: pack_id.
-- Reads: packs. Read by: Captures.record_pack.
select case_id
from packs
where pack_id = ?;
