-- When each case reached what: every time that a measure may begin or end at, one column each.
-- Null is "not yet" or "not known", never "never".
-- Grain: one row per case. Key: case_id.
-- Reads: cases, events, host_details, profiles, actions, action_cases. Read by: timed_intervals, staff.
create or replace view milestones as
with
happened as (
    select
        case_id,
        min(happened_at) filter (kind = 'opened') as opened_at,
        -- A person's first word; what flows decide is not triage.
        min(happened_at) filter (
            kind in ('triaged', 'confirmed', 'dismissed', 'watched', 'snoozed')
            and not starts_with(actor, 'flow:')
        ) as triaged_at,
        min(happened_at) filter (kind = 'confirmed') as confirmed_at,
        -- When it was seen down first, not when a second look made sure of it.
        min(coalesce(try_cast(data ->> 'since' as timestamptz), happened_at)) filter (
            kind = 'down'
        ) as first_down_at,
        min(happened_at) filter (kind = 'resolved') as resolved_at,
        min(happened_at) filter (kind = 'relapsed') as relapsed_at,
        max(happened_at) filter (kind in ('dismissed', 'closed')) as left_at
    from events
    group by case_id
),
sent as (
    select
        action_cases.case_id,
        min(actions.sent_at) as first_notice_at,
        min(actions.acknowledged_at) as first_acknowledged_at
    from action_cases
    inner join actions on action_cases.action_id = actions.action_id
    where actions.sent_at is not null
    group by action_cases.case_id
),
made as (
    select
        subject_key,
        min(created_at) as created_at
    from profiles
    group by subject_key
)
select
    cases.case_id,
    cases.brand_id,
    cases.brand_name,
    cases.subject_kind,
    cases.workflow,
    cases.band,
    host_details.registered_at,
    host_details.certificate_from,
    made.created_at as account_created_at,
    cases.first_observed_at,
    coalesce(happened.opened_at, cases.opened_at) as opened_at,
    happened.triaged_at,
    happened.confirmed_at,
    sent.first_notice_at,
    sent.first_acknowledged_at,
    happened.first_down_at,
    happened.resolved_at,
    happened.relapsed_at,
    -- Dismissed or closed: nothing more is to be expected of it, however far it came.
    case when cases.workflow in ('dismissed', 'closed') then happened.left_at end as left_at
from cases
left join happened on cases.case_id = happened.case_id
left join sent on cases.case_id = sent.case_id
left join host_details on cases.subject_key = host_details.subject_key
left join made on cases.subject_key = made.subject_key
order by cases.case_id;
