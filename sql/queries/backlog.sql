-- Undecided cases by band and person, with the age of the oldest on the day of the newest load.
-- Grain: one row per band and assignee. Key: (band, assignee).
-- Reads: case_detail, loads. Read by: staff, with `namaak sql`.
with
newest as (
    select max(loaded_at) as loaded_at
    from loads
)
select
    case_detail.band,
    case_detail.assignee,
    count(*) as cases,
    min(case_detail.opened_at) as oldest_opened_at,
    max(date_diff('day', case_detail.opened_at, newest.loaded_at)) as oldest_days
from case_detail
cross join newest
where case_detail.workflow in ('new', 'triage', 'reopened')
group by case_detail.band, case_detail.band_rank, case_detail.assignee
order by case_detail.band_rank desc, case_detail.assignee nulls first;
