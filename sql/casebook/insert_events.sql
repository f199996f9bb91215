-- Appends to the history; nothing updates or deletes there.
-- Grain: one row per event. Key: seq.
-- Reads: incoming_events (Arrow). Read by: Casebook.
insert into events (
    seq, case_id, case_seq, happened_at, actor, kind, data, previous_hash, hash, chain_hash
)
select seq, case_id, case_seq, happened_at, actor, kind, data, previous_hash, hash, chain_hash
from incoming_events
order by seq;
