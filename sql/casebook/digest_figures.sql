-- What a day came to, for the digest.
-- Grain: one row per brand that has cases. Key: brand_id. Binds: since.
-- Reads: cases, events. Read by: digest_figures.
with
lately as (
    select
        case_id,
        bool_or(kind = 'opened') as opened,
        bool_or(kind = 'confirmed') as confirmed,
        bool_or(kind = 'dismissed') as dismissed,
        bool_or(kind = 'down') as down,
        bool_or(kind = 'resolved') as resolved,
        bool_or(kind = 'relapsed') as relapsed
    from events
    where happened_at >= $since
    group by case_id
)
select
    cases.brand_id,
    any_value(cases.brand_name) as brand_name,
    count(*) filter (lately.opened) as opened,
    count(*) filter (lately.confirmed) as confirmed,
    count(*) filter (lately.dismissed) as dismissed,
    count(*) filter (lately.down) as down,
    count(*) filter (lately.resolved) as resolved,
    count(*) filter (lately.relapsed) as relapsed,
    count(*) filter (
        cases.workflow in ('new', 'triage', 'reopened') and cases.band in ('critical', 'high')
    ) as urgent,
    count(*) filter (
        cases.workflow in ('new', 'triage', 'reopened') and cases.band = 'review'
    ) as review,
    count(*) filter (cases.workflow = 'enforcing') as enforcing
from cases
left join lately on cases.case_id = lately.case_id
group by cases.brand_id
order by urgent desc, cases.brand_id;
