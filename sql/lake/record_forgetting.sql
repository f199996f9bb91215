-- How many rows of a batch are gone, and how many wait.
-- Grain: one row per batch. Key: batch_id.
insert into forgettings (batch_id, forgotten, waiting, examined_at)
select batch_id, rows - :remaining, :waiting, :at
from batches
where batch_id = :batch_id
on conflict (batch_id) do update set
    forgotten = excluded.forgotten,
    waiting = excluded.waiting,
    examined_at = excluded.examined_at;
