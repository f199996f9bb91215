-- What came in and what was done, week by week; weeks begin on Monday (UTC).
-- Grain: one row per week and brand in which something happened. Key: (week, brand_id).
-- Reads: events, cases. Read by: the report of measures, staff.
create or replace view work_by_week as
select
    date_trunc('week', events.happened_at)::date as week,
    cases.brand_id,
    count(*) filter (events.kind = 'opened') as opened,
    count(*) filter (events.kind = 'confirmed') as confirmed,
    count(*) filter (events.kind = 'dismissed') as dismissed,
    count(*) filter (events.kind = 'enforced') as enforced,
    count(*) filter (events.kind = 'down') as down,
    count(*) filter (events.kind = 'resolved') as resolved,
    count(*) filter (events.kind = 'relapsed') as relapsed
from events
inner join cases on events.case_id = cases.case_id
group by week, cases.brand_id
order by week, cases.brand_id;
