-- Where the chain over all cases ends.
-- Grain: one row, or none in an empty casebook. Key: seq.
-- Reads: events. Read by: Casebook, chain_head in reading.py.
select
    seq,
    chain_hash
from events
-- Quicker than sorting: the database keeps the largest of each block of rows.
where seq = (select max(seq) from events);
