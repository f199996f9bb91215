-- Is it alive, who answered, and when is it looked at again: the hosts of cases that were looked at.
-- A state that is known stands until another is known: compare known_at with last_asked_at.
-- Grain: one row per case of such a host. Key: case_id.
-- Reads: cases, bands, enrichments, events. Read by: the console, staff.
create or replace view standing_of_hosts as
with
asked as (
    select
        subject_key,
        count(*) as looks,
        min(asked_at) as first_asked_at,
        max(asked_at) as last_asked_at,
        max(asked_at) filter (known) as known_at,
        list(aspect || ': ' || outcome order by aspect) filter (latest) as outcomes,
        list(aspect order by aspect) filter (latest and not known) as not_answered,
        min(due_at) filter (latest) as due_at
    from enrichments
    group by subject_key
),
changed as (
    select
        case_id,
        count(*) as changes,
        max(happened_at) as since,
        arg_max(data ->> '$.from', seq) as state_before
    from events
    where kind = 'state-changed'
    group by case_id
)
select
    cases.case_id,
    cases.brand_id,
    cases.brand_name,
    cases.subject as host,
    cases.band,
    cases.score,
    cases.workflow,
    cases.subject_state,
    changed.since as state_since,
    changed.state_before,
    coalesce(changed.changes, 0) as state_changes,
    asked.looks,
    asked.outcomes,
    coalesce(asked.not_answered, []) as not_answered,
    asked.first_asked_at,
    asked.last_asked_at,
    asked.known_at,
    asked.due_at
from asked
inner join cases on asked.subject_key = cases.subject_key
inner join bands on cases.band = bands.band
left join changed on cases.case_id = changed.case_id
order by bands.rank desc, cases.score desc, cases.case_id;
