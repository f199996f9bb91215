-- What is followed: when it is looked at again, what each place saw last, since when it is down and
-- how long until it counts as resolved. What is due first.
-- Due as of now, because it is a list of what comes next: nobody measures by it.
-- Grain: one row per case with a plan. Key: case_id.
-- Reads: cases, check_plans, checks. Read by: `namaak recheck`, the console, staff.
create or replace view follow_up as
with
last_round as (
    select
        case_id,
        max(checked_at) as checked_at
    from checks
    group by case_id
),
last_seen as (
    select
        checks.case_id,
        checks.checked_at,
        string_agg(checks.vantage || ': ' || checks.state || ', ' || checks.says, '; ' order by checks.vantage)
            as seen,
        count(*) as places
    from checks
    inner join last_round
        on checks.case_id = last_round.case_id and checks.checked_at = last_round.checked_at
    group by checks.case_id, checks.checked_at
),
counted as (
    select
        case_id,
        count(distinct checked_at) as rounds,
        max(checked_at) filter (down is not null) as told_at
    from checks
    group by case_id
)
select
    cases.case_id,
    cases.brand_id,
    cases.brand_name,
    cases.subject,
    cases.subject_kind,
    cases.band,
    cases.workflow,
    check_plans.due_at,
    check_plans.due_at <= now() as is_due,
    check_plans.interval_s,
    check_plans.quiet_since,
    last_seen.checked_at as last_checked_at,
    last_seen.seen,
    last_seen.places,
    counted.told_at as last_told_at,
    counted.rounds,
    cases.down_since,
    check_plans.resolves_at,
    greatest(0, date_diff('hour', now(), check_plans.resolves_at)) / 24.0 as days_to_resolved,
    cases.relapses
from cases
inner join check_plans on cases.case_id = check_plans.case_id
left join last_seen on cases.case_id = last_seen.case_id
left join counted on cases.case_id = counted.case_id
where
    cases.subject_state <> 'transferred'
    and (
        cases.workflow in ('confirmed', 'enforcing', 'reopened', 'watching', 'resolved')
        or (cases.workflow = 'snoozed' and cases.snooze_on_change)
        or (cases.workflow = 'dismissed' and cases.reason_code = 'weak-match')
    )
order by check_plans.due_at, cases.case_id;
