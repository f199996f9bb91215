-- How long things take: of each interval both ends, how many, the median, the time within which
-- nine in ten are over, and the share that still runs. What still runs, or was left, counts for as
-- long as it was seen to last (Kaplan and Meier, 1958): leaving it out would flatter. A median that
-- less than half have reached is null, and so is a p90 that less than nine in ten have.
-- Takes the time from which and until which an interval must have begun, and the brand; null is any.
-- Grain: one row per interval, grouping (all, brand, route, provider) and group. Key: these three.
-- Reads: timed_intervals. Read by: the report of measures, staff.
create or replace macro timings(since, until, of_brand) as table (
    with
    wanted as (
        select *
        from timed_intervals
        where
            (since is null or started_at >= since)
            and (until is null or started_at < until)
            and (of_brand is null or brand_id = of_brand)
    ),
    grouped as (
        select
            interval,
            from_what,
            to_what,
            hours,
            standing,
            unnest([
                {'grouping': 'all', 'of_what': ''},
                {'grouping': 'brand', 'of_what': brand_id},
                {'grouping': 'route', 'of_what': route},
                {'grouping': 'provider', 'of_what': provider}
            ], recursive := true)
        from wanted
    ),
    at_each_time as (
        select
            interval,
            from_what,
            to_what,
            "grouping",
            of_what,
            hours,
            count(*) filter (standing = 'ended') as ended,
            count(*) filter (standing = 'open') as open,
            count(*) as leaving
        from grouped
        where of_what is not null
        group by all
    ),
    at_risk as (
        select
            *,
            sum(leaving) over (
                partition by interval, "grouping", of_what
                order by hours desc
                rows unbounded preceding
            ) as watched
        from at_each_time
    ),
    surviving as (
        select
            *,
            product(1.0 - ended::double / watched) over (
                partition by interval, "grouping", of_what
                order by hours
                rows unbounded preceding
            ) as share
        from at_risk
    )
    select
        interval,
        any_value(from_what) as from_what,
        any_value(to_what) as to_what,
        "grouping",
        of_what,
        sum(leaving)::bigint as n,
        sum(ended)::bigint as ended,
        sum(open)::bigint as open,
        (sum(leaving) - sum(ended) - sum(open))::bigint as "left",
        round(sum(open) / sum(leaving), 4) as share_open,
        -- A hair above, because products of fractions are not exact.
        round(min(hours) filter (share <= 0.5 + 1e-9), 3) as median_hours,
        round(min(hours) filter (share <= 0.1 + 1e-9), 3) as p90_hours
    from surviving
    group by interval, "grouping", of_what
    order by interval, "grouping", n desc, of_what
);
