-- The hash of the chain at one event.
-- Grain: no row, or one. Key: seq. Binds: seq.
-- Reads: events. Read by: Casebook.writing.
select chain_hash
from events
where seq = ?;
