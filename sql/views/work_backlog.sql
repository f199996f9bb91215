-- What waits for people, how old it is, and how much of it is older than it should be. Undecided
-- cases should be looked at within 15 minutes (critical), an hour (high), four hours (review) or a
-- day (watch); confirmed ones should have their first notice within a day.
-- As of now, or of the variable as_of (see timed_intervals).
-- Grain: one row per brand, stage and band. Key: (brand_id, stage, band).
-- Reads: cases, bands, events, milestones. Read by: the report of measures, staff.
create or replace view work_backlog as
with
targets as (
    select *
    from (
        values
            ('undecided', 'critical', 0.25),
            ('undecided', 'high', 1.0),
            ('undecided', 'review', 4.0),
            ('undecided', 'watch', 24.0),
            ('unsent', 'critical', 24.0),
            ('unsent', 'high', 24.0),
            ('unsent', 'review', 24.0),
            ('unsent', 'watch', 24.0)
    ) as target (stage, band, hours)
),
since as (
    select
        case_id,
        max(happened_at) filter (kind in ('opened', 'reopened', 'relapsed')) as undecided_since,
        max(happened_at) filter (kind = 'confirmed') as confirmed_since
    from events
    group by case_id
),
waiting as (
    select
        cases.case_id,
        cases.brand_id,
        cases.brand_name,
        cases.band,
        case
            when cases.workflow in ('new', 'triage', 'reopened') then 'undecided'
            else 'unsent'
        end as stage,
        date_diff(
            'second',
            case
                when cases.workflow in ('new', 'triage', 'reopened')
                    then coalesce(since.undecided_since, cases.opened_at)
                else coalesce(since.confirmed_since, cases.opened_at)
            end,
            coalesce(getvariable('as_of')::timestamptz, now())
        ) / 3600.0 as hours
    from cases
    left join since on cases.case_id = since.case_id
    left join milestones on cases.case_id = milestones.case_id
    where
        cases.workflow in ('new', 'triage', 'reopened')
        or (cases.workflow = 'confirmed' and milestones.first_notice_at is null)
)
select
    waiting.brand_id,
    any_value(waiting.brand_name) as brand_name,
    waiting.stage,
    waiting.band,
    count(*) as cases,
    round(median(waiting.hours), 2) as median_hours,
    round(max(waiting.hours), 2) as oldest_hours,
    any_value(targets.hours) as target_hours,
    count(*) filter (waiting.hours > targets.hours) as beyond_target,
    round(count(*) filter (waiting.hours > targets.hours) / count(*), 4) as share_beyond
from waiting
inner join bands on waiting.band = bands.band
left join targets on waiting.stage = targets.stage and waiting.band = targets.band
group by waiting.brand_id, waiting.stage, waiting.band, bands.rank
order by waiting.stage desc, bands.rank desc, waiting.brand_id;
