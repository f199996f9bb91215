-- What happened to a case changed it: its date goes along, and never back.
-- Grain: one row per case. Key: case_id.
-- Reads: incoming_events (Arrow), cases. Read by: Working._append.
update cases
set updated_at = greatest(cases.updated_at, latest.happened_at)
from (
    select
        case_id,
        max(happened_at) as happened_at
    from incoming_events
    group by case_id
) as latest
where cases.case_id = latest.case_id and cases.updated_at < latest.happened_at;
