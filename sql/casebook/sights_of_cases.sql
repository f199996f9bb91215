-- What every look again at these cases said, by which they are judged.
-- Grain: one row per case, time and place. Key: (case_id, checked_at, vantage).
-- Reads: checks, wanted_cases (Arrow). Read by: Checks.record_checks.
select
    checks.case_id,
    checks.checked_at,
    checks.vantage,
    checks.down,
    checks.state,
    checks.says,
    checks.rests_on,
    checks.names_by,
    checks.pages_by,
    checks.addresses,
    checks.left_out,
    checks.row_sha256
from checks
inner join wanted_cases on checks.case_id = wanted_cases.case_id
order by checks.case_id, checks.checked_at, checks.vantage;
