-- Pictures behind more than one case of a brand: take the accounts down together.
-- Grain: one row per brand and look. Key: (brand_id, look).
-- Reads: campaigns_by_picture. Read by: staff, with `namaak sql`.
select
    brand_id,
    look,
    cases,
    wearers,
    imitators,
    shows_a_logo,
    worst_band,
    highest_score,
    subjects[:10] as some_subjects,
    last_observed_at
from campaigns_by_picture
order by cases desc, brand_id, look;
