-- Looks again at those of a part of all cases that were ever down: by them they count as down, as
-- resolved or as back.
-- Grain: one row per case, time and place. Key: (case_id, checked_at, vantage). Binds: after, up_to
-- (cases).
-- Reads: checks, events. Read by: namaak/casework/audit.py.
from checks
where
    case_id > $after and case_id <= $up_to
    and case_id in (select case_id from events where kind in ('down', 'relapsed', 'resolved'))
order by case_id, checked_at, vantage;
