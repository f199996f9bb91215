-- Open cases that need a person, worst first: the analyst's inbox.
-- Grain: one row per case. Key: case_id.
-- Reads: case_detail. Read by: the console's inbox, staff.
create or replace view inbox as
select
    case_id,
    brand_id,
    brand_name,
    subject_kind,
    subject,
    kind,
    score,
    band,
    workflow,
    assignee,
    reasons,
    gates,
    opened_at,
    updated_at
from case_detail
where
    -- 2 is review: below it a case waits on the watchlist until its evidence grows.
    band_rank >= 2
    and workflow in ('new', 'triage', 'reopened')
order by band_rank desc, score desc, case_id;
