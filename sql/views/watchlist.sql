-- Cases that wait: watched or snoozed by a person, or open but too weak for the inbox.
-- Grain: one row per case. Key: case_id.
-- Reads: case_detail. Read by: the console's watchlist, staff.
create or replace view watchlist as
select
    case_id,
    brand_id,
    brand_name,
    subject_kind,
    subject,
    kind,
    score,
    band,
    workflow,
    assignee,
    snooze_until,
    snooze_on_change,
    reasons,
    opened_at,
    updated_at
from case_detail
where
    workflow in ('watching', 'snoozed')
    or (band_rank < 2 and workflow in ('new', 'triage', 'reopened'))
order by band_rank desc, score desc, case_id;
