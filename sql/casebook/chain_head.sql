-- Where the chain over all cases ends.
-- Grain: one row, or none in an empty casebook. Key: seq.
-- Reads: events. Read by: Casebook, chain_head in reading.py.
select
    seq,
    chain_hash
from events
order by seq desc
limit 1;
