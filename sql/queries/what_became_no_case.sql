-- Matches that opened no case, per brand: suppressed (own, allowed) or too weak;
-- and names so faintly like it that they were counted only. Nothing is hidden.
-- Grain: one row per brand, and one with an empty brand for files without any match. Key: brand_id.
-- Reads: loads. Read by: staff, with `namaak sql`.
select
    brand_id,
    count(*) as files,
    sum(matches)::bigint as matches,
    sum(suppressed)::bigint as suppressed_matches,
    sum(faint)::bigint as faint_names,
    sum(below_watch)::bigint as subjects_below_watch,
    sum(cases_opened)::bigint as cases_opened,
    max(loaded_at) as last_loaded_at
from loads
group by brand_id
order by brand_id;
