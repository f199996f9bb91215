-- Open cases that need a person, worst first: the analyst's inbox. Of a series, names of one
-- pattern for one brand, the worst case stands for all; `more` counts the others.
-- Which these are is kept up to date by casebook/tell_inbox.sql. No join, and so the database reads
-- whole rows only of the cases that a page shows.
-- Grain: one row per case, or per brand and series. Key: case_id.
-- Reads: cases. Read by: the console's inbox, staff.
create or replace view inbox as
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
    inbox_more as more,
    coalesce(from_json(reasons, '["varchar"]'), []) as reasons,
    gates,
    opened_at,
    updated_at
from cases
where inbox_more is not null
order by
    -- The order of bands.rank.
    list_position(['review', 'high', 'critical'], band) desc,
    score desc,
    evidence desc nulls last,
    case_id;
