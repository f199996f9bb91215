-- How each brand stands: open cases per band, and how the others ended.
-- Grain: one row per brand that is watched or has cases. Key: brand_id.
-- Reads: brands, cases. Read by: overview, the console's front page, staff.
create or replace view brand_overview as
with
counted as (
    select
        brand_id,
        any_value(brand_name) as brand_name,
        count(*) as cases,
        count(*) filter (workflow in ('new', 'triage', 'reopened')) as undecided,
        count(*) filter (band = 'critical' and workflow in ('new', 'triage', 'reopened')) as critical,
        count(*) filter (band = 'high' and workflow in ('new', 'triage', 'reopened')) as high,
        count(*) filter (band = 'review' and workflow in ('new', 'triage', 'reopened')) as review,
        count(*) filter (
            band in ('none', 'watch') and workflow in ('new', 'triage', 'reopened')
        ) as watch,
        count(*) filter (workflow in ('confirmed', 'enforcing')) as in_hand,
        count(*) filter (workflow in ('watching', 'snoozed')) as waiting,
        count(*) filter (workflow = 'dismissed') as dismissed,
        count(*) filter (workflow in ('resolved', 'closed')) as finished,
        max(opened_at) as last_opened_at
    from cases
    group by brand_id
)
select
    coalesce(brands.brand_id, counted.brand_id) as brand_id,
    coalesce(brands.name, counted.brand_name) as brand_name,
    coalesce(counted.cases, 0) as cases,
    coalesce(counted.undecided, 0) as undecided,
    coalesce(counted.critical, 0) as critical,
    coalesce(counted.high, 0) as high,
    coalesce(counted.review, 0) as review,
    coalesce(counted.watch, 0) as watch,
    coalesce(counted.in_hand, 0) as in_hand,
    coalesce(counted.waiting, 0) as waiting,
    coalesce(counted.dismissed, 0) as dismissed,
    coalesce(counted.finished, 0) as finished,
    counted.last_opened_at
from brands
full join counted on brands.brand_id = counted.brand_id
order by critical desc, high desc, review desc, brand_id;
