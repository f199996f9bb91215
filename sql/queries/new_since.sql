-- Cases opened in the last seven days of work; change the interval, or put a date in its place.
-- Counted back from the newest load, so that an old casebook answers too.
-- Grain: one row per case. Key: case_id.
-- Reads: case_detail, loads. Read by: staff, with `namaak sql`.
with
since as (
    select max(loaded_at) - interval 7 days as opened_after
    from loads
)
select
    case_detail.case_id,
    case_detail.brand_name,
    case_detail.subject,
    case_detail.kind,
    case_detail.score,
    case_detail.band,
    case_detail.workflow,
    case_detail.opened_at
from case_detail
cross join since
where case_detail.opened_at >= since.opened_after
order by case_detail.band_rank desc, case_detail.score desc, case_detail.case_id;
