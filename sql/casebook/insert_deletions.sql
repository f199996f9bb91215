-- Writes down that something was deleted, never what.
-- Grain: one row per class of one pass. Key: (deleted_at, class).
-- Reads: incoming_deletions. Read by: Telling.record_deletions.
insert into deletions by name
select *
from incoming_deletions;
