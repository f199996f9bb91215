-- Open cases that need a person, worst first: the analyst's inbox. Of a series, names of one
-- pattern for one brand, the worst case stands for all; `more` counts the others.
-- Grain: one row per case, or per brand and series. Key: case_id.
-- Reads: case_detail. Read by: the console's inbox, staff.
create or replace view inbox as
with
open_cases as (
    select
        *,
        count(*) over same_series - 1 as more,
        row_number() over (
            same_series
            order by band_rank desc, score desc, evidence desc nulls last, case_id
        ) as place
    from case_detail
    where
        -- 2 is review: below it a case waits on the watchlist until its evidence grows.
        band_rank >= 2
        and workflow in ('new', 'triage', 'reopened')
    window same_series as (partition by brand_id, coalesce(series, case_id))
)
select
    case_id,
    brand_id,
    brand_name,
    subject_kind,
    subject,
    kind,
    score,
    evidence,
    band,
    workflow,
    assignee,
    series,
    more,
    reasons,
    gates,
    opened_at,
    updated_at
from open_cases
where place = 1
order by band_rank desc, score desc, evidence desc nulls last, case_id;
