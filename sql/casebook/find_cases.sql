-- Cases that fit all given conditions, worst first; a null condition is none. Of a series, names
-- of one pattern for one brand, the worst case stands for all unless every case is asked for.
-- Grain: one row per case, or per brand and series. Key: case_id.
-- Binds: brand, band (the lowest wanted), workflow, kind, subject (part of it), since, every,
-- row_limit.
-- Reads: case_detail, bands. Read by: find_cases.
with
fitting as (
    select *
    from case_detail
    where
        ($brand is null or brand_id = $brand or lower(brand_name) = lower($brand))
        and ($band is null or band_rank >= (select rank from bands where band = $band))
        and ($workflow is null or workflow = $workflow)
        and ($kind is null or kind = $kind)
        and ($subject is null or contains(lower(subject), lower($subject)))
        and ($since is null or opened_at >= $since)
),
placed as (
    select
        *,
        count(*) over same_series - 1 as more,
        row_number() over (
            same_series
            order by band_rank desc, score desc, evidence desc nulls last, case_id
        ) as place
    from fitting
    window same_series as (partition by brand_id, coalesce(series, case_id))
)
select
    case_id,
    brand_id as brand,
    brand_name,
    subject,
    subject_kind,
    kind,
    score,
    band,
    workflow,
    series,
    case when $every then 0 else more end as more,
    same_picture,
    reasons,
    opened_at,
    updated_at
from placed
where $every or place = 1
order by band_rank desc, score desc, evidence desc nulls last, case_id
limit $row_limit;
