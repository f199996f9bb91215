-- Cases that fit all given conditions, worst first; a null condition is none. Of a series, names
-- of one pattern for one brand, the worst case stands for all unless every case is asked for.
-- First which, from narrow columns, and then all that is shown of them alone.
-- Grain: one row per case, or per brand and series. Key: case_id.
-- Binds: brand, band (the lowest wanted), workflow, kind, subject (part of it), assignee, since,
-- updated_since, every, row_limit.
-- Reads: cases, bands. Read by: find_cases.
with
fitting as (
    select
        cases.rowid as row,
        cases.case_id,
        cases.brand_id,
        coalesce(cases.series, cases.case_id) as series,
        bands.rank,
        cases.score,
        cases.evidence
    from cases
    inner join bands on cases.band = bands.band
    where
        ($brand is null or cases.brand_id = $brand or lower(cases.brand_name) = lower($brand))
        and ($band is null or bands.rank >= (select rank from bands where band = $band))
        and ($workflow is null or cases.workflow = $workflow)
        and ($kind is null or cases.kind = $kind)
        and ($subject is null or contains(lower(cases.subject), lower($subject)))
        and ($assignee is null or cases.assignee = $assignee)
        and ($since is null or cases.opened_at >= $since)
        and ($updated_since is null or cases.updated_at >= $updated_since)
),
placed as (
    select
        *,
        count(*) over same_series - 1 as more,
        row_number() over (
            same_series
            order by rank desc, score desc, evidence desc nulls last, case_id
        ) as place
    from fitting
    window same_series as (partition by brand_id, series)
),
wanted as (
    select
        row,
        rank,
        more
    from placed
    where $every or place = 1
    order by rank desc, score desc, evidence desc nulls last, case_id
    limit $row_limit
)
select
    cases.case_id,
    cases.brand_id as brand,
    cases.brand_name,
    cases.subject,
    cases.subject_kind,
    cases.kind,
    cases.score,
    cases.band,
    cases.workflow,
    cases.series,
    case when $every then 0 else wanted.more end as more,
    coalesce(cases.same_picture, 0) as same_picture,
    coalesce(from_json(cases.reasons, '["varchar"]'), []) as reasons,
    cases.opened_at,
    cases.updated_at
from cases
inner join wanted on cases.rowid = wanted.row
order by wanted.rank desc, cases.score desc, cases.evidence desc nulls last, cases.case_id;
