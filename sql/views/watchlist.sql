-- Cases that wait: watched or snoozed by a person, or open but too weak for the inbox.
-- Grain: one row per case. Key: case_id.
-- Reads: cases, bands. Read by: the console's watchlist, staff.
create or replace view watchlist as
select
    cases.case_id,
    cases.brand_id,
    cases.brand_name,
    cases.subject_kind,
    cases.subject,
    cases.kind,
    cases.score,
    cases.band,
    cases.workflow,
    cases.assignee,
    cases.snooze_until,
    cases.snooze_on_change,
    coalesce(from_json(cases.reasons, '["varchar"]'), []) as reasons,
    cases.opened_at,
    cases.updated_at
from cases
inner join bands on cases.band = bands.band
where
    cases.workflow in ('watching', 'snoozed')
    or (bands.rank < 2 and cases.workflow in ('new', 'triage', 'reopened'))
order by bands.rank desc, cases.score desc, cases.case_id;
