-- The batch that was planned and not known to be stored, with what is known of its names.
-- Grain: one row per name of the batch. Key: position. Read by: namaak/sources/permuting/memory.py.
select
    planned.position, planned.host, planned.fingerprint, planned.state, planned.planned_at,
    answers.existence, answers.reason, answers.asked_at, answers.due_at, answers.failures
from planned
left join answers on answers.host = planned.host
order by planned.position;
