-- Every stretch of time that is measured, with both its ends, those that still run included: an
-- open one lasts until now, one that was left lasts until its case was dismissed or closed. What
-- ends a notice ends the waiting for its receipt and its answer, not for the take-down: a page that a
-- provider refused to take down is up as before, and stays open until it is down or its case is left.
-- In a copy of the casebook that was kept, "now" would add all the time since, in which nobody saw
-- that anything still ran. There, say first: set variable as_of = timestamptz '2026-11-22 12:00Z';
-- Grain: one row per interval of a case, or of an action for what providers do. Key: (interval,
-- case_id, action_id).
-- Reads: milestones, events, actions, action_cases. Read by: macros/timings.sql, staff.
create or replace view timed_intervals as
with
went_down as (
    select
        case_id,
        -- When it was seen down first, not when a second look made sure of it.
        coalesce(try_cast(data ->> 'since' as timestamptz), happened_at) as down_at
    from events
    where kind = 'down'
),
of_cases as (
    select
        case_id,
        brand_id,
        left_at,
        unnest([
            {
                'interval': 'detect-registration', 'from_what': 'domain registered',
                'to_what': 'case opened', 'started_at': registered_at, 'ended_at': opened_at
            },
            {
                'interval': 'detect-certificate', 'from_what': 'certificate issued',
                'to_what': 'case opened', 'started_at': certificate_from, 'ended_at': opened_at
            },
            {
                'interval': 'detect-account', 'from_what': 'account created',
                'to_what': 'case opened', 'started_at': account_created_at, 'ended_at': opened_at
            },
            {
                'interval': 'triage', 'from_what': 'case opened',
                'to_what': 'first decision of a person', 'started_at': opened_at,
                'ended_at': triaged_at
            },
            {
                'interval': 'first-notice', 'from_what': 'case confirmed',
                'to_what': 'first notice sent', 'started_at': confirmed_at,
                'ended_at': first_notice_at
            },
            {
                'interval': 'live', 'from_what': 'case opened', 'to_what': 'first seen down',
                'started_at': case when confirmed_at is not null then opened_at end,
                'ended_at': first_down_at
            },
            {
                'interval': 'resolve', 'from_what': 'first seen down',
                'to_what': 'down long enough to be resolved', 'started_at': first_down_at,
                'ended_at': resolved_at
            },
            {
                'interval': 'relapse', 'from_what': 'first seen down', 'to_what': 'back again',
                'started_at': first_down_at, 'ended_at': relapsed_at
            }
        ], recursive := true)
    from milestones
),
of_actions as (
    select
        action_cases.case_id,
        milestones.brand_id,
        actions.action_id,
        actions.route,
        coalesce(actions.provider_name, actions.address) as provider,
        unnest([
            {
                'interval': 'acknowledge', 'from_what': 'notice sent',
                'to_what': 'receipt acknowledged', 'started_at': actions.sent_at,
                'ended_at': actions.acknowledged_at,
                -- An answer of any kind, and whatever ended it, ends the waiting for one.
                'left_at': coalesce(actions.ended_at, milestones.left_at)
            },
            {
                'interval': 'answer', 'from_what': 'notice sent', 'to_what': 'first answer',
                'started_at': actions.sent_at, 'ended_at': actions.answered_at,
                'left_at': coalesce(actions.ended_at, milestones.left_at)
            },
            {
                'interval': 'take-down', 'from_what': 'notice sent', 'to_what': 'seen down',
                'started_at': actions.sent_at,
                'ended_at': (
                    select min(went_down.down_at)
                    from went_down
                    where
                        went_down.case_id = action_cases.case_id
                        and went_down.down_at >= actions.sent_at
                ),
                'left_at': milestones.left_at
            }
        ], recursive := true)
    from actions
    inner join action_cases on actions.action_id = action_cases.action_id
    inner join milestones on action_cases.case_id = milestones.case_id
    where actions.sent_at is not null
),
together as (
    select
        interval,
        from_what,
        to_what,
        case_id,
        null as action_id,
        brand_id,
        null as route,
        null as provider,
        started_at,
        ended_at,
        left_at
    from of_cases
    union all
    select
        interval,
        from_what,
        to_what,
        case_id,
        action_id,
        brand_id,
        route,
        provider,
        started_at,
        ended_at,
        left_at
    from of_actions
)
select
    interval,
    from_what,
    to_what,
    case_id,
    action_id,
    brand_id,
    route,
    provider,
    started_at,
    ended_at,
    case
        when ended_at is not null then 'ended'
        when left_at is not null then 'left'
        else 'open'
    end as standing,
    greatest(
        0, date_diff('second', started_at, coalesce(
            ended_at, left_at, getvariable('as_of')::timestamptz, now()
        )) / 3600.0
    ) as hours
from together
where started_at is not null
order by interval, started_at, case_id, action_id;
