-- The ten worst undecided cases of each brand.
-- Grain: one row per case, at most ten a brand. Key: case_id.
-- Reads: inbox. Read by: staff, with `namaak sql`.
with
ranked as (
    select
        inbox.*,
        row_number() over (
            partition by inbox.brand_id
            order by bands.rank desc, inbox.score desc, inbox.evidence desc nulls last, inbox.case_id
        ) as place
    from inbox
    inner join bands on inbox.band = bands.band
)
select
    brand_name,
    place,
    case_id,
    subject,
    kind,
    score,
    band,
    reasons[1] as first_reason
from ranked
where place <= 10
order by brand_name, place;
