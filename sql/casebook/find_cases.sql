-- Cases that fit all given conditions, worst first; a null condition is none.
-- Grain: one row per case. Key: case_id.
-- Binds: brand, band (the lowest wanted), workflow, kind, subject (part of it), since, row_limit.
-- Reads: case_detail, bands. Read by: find_cases.
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
    reasons,
    opened_at,
    updated_at
from case_detail
where
    ($brand is null or brand_id = $brand or lower(brand_name) = lower($brand))
    and ($band is null or band_rank >= (select rank from bands where band = $band))
    and ($workflow is null or workflow = $workflow)
    and ($kind is null or kind = $kind)
    and ($subject is null or contains(lower(subject), lower($subject)))
    and ($since is null or opened_at >= $since)
order by band_rank desc, score desc, case_id
limit $row_limit;
