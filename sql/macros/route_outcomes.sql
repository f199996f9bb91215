-- What became of the notices that were sent, per route and provider. What waits for an answer is
-- no failure yet: the share that succeeded is of those that ended. Takes a brand; null is all.
-- Overdue is as of now, or of the variable as_of (see timed_intervals).
-- Grain: one row per route and provider. Key: (route, provider).
-- Reads: actions, action_cases, cases. Read by: the report of measures, staff.
create or replace macro route_outcomes(of_brand) as table (
    with
    sent as (
        select
            route,
            coalesce(provider_name, address) as provider,
            state,
            acknowledged_at,
            due_at,
            attempt
        from actions
        where
            sent_at is not null
            and (
                of_brand is null
                or action_id in (
                    select action_cases.action_id
                    from action_cases
                    inner join cases on action_cases.case_id = cases.case_id
                    where cases.brand_id = of_brand
                )
            )
    ),
    counted as (
        select
            route,
            provider,
            count(*) as sent,
            count(*) filter (attempt > 1) as repeated,
            count(*) filter (acknowledged_at is not null) as acknowledged,
            count(*) filter (state = 'executed') as executed,
            count(*) filter (state = 'denied') as denied,
            count(*) filter (state = 'withdrawn') as withdrawn,
            count(*) filter (state = 'no-reply') as unanswered,
            count(*) filter (
                state in ('sent', 'acknowledged', 'info-requested', 'accepted')
            ) as waiting,
            count(*) filter (
                state in ('sent', 'acknowledged', 'info-requested', 'accepted')
                and due_at < coalesce(getvariable('as_of')::timestamptz, now())
            ) as overdue
        from sent
        group by route, provider
    )
    select
        route,
        provider,
        sent,
        repeated,
        acknowledged,
        executed,
        denied,
        unanswered,
        withdrawn,
        waiting,
        overdue,
        case
            when executed + denied + unanswered > 0
                then round(executed / (executed + denied + unanswered), 4)
        end as share_executed
    from counted
    order by sent desc, route, provider
);
