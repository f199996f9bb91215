-- Keeps looks again; one that is kept already stays as it is.
-- Grain: one row per case, time and place. Key: (case_id, checked_at, vantage).
-- Reads: incoming_checks (Arrow), cases. Read by: Checks.record_checks.
insert into checks by name
select incoming_checks.*
from incoming_checks
where incoming_checks.case_id in (select cases.case_id from cases)
on conflict do nothing;
