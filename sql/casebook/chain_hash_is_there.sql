-- The event at which the chain over all cases had a hash.
-- Grain: no row, or one. Key: seq. Binds: chain_hash.
-- Reads: events. Read by: namaak/casework/audit.py.
select seq
from events
where chain_hash = ?
limit 1;
