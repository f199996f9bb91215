-- Snoozed cases whose time has come.
-- Grain: one row per case. Key: case_id. Binds: now.
-- Reads: cases. Read by: Desk.wake_snoozed.
select case_id
from cases
where workflow = 'snoozed' and snooze_until <= ?
order by case_id;
