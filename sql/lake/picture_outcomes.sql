-- What became of all pictures, each as it was described last, and why.
-- Grain: one row per outcome and reason, commonest first. Key: outcome, reason.
with
latest as (
    -- Of the group SQLite takes the row that has the greatest.
    select
        pictures.sha256,
        pictures.outcome,
        pictures.reason,
        max(detections.detected_at) as described_at
    from pictures
    inner join detections
        on detections.batch_id = pictures.batch_id
        and detections.number = pictures.number
    group by pictures.sha256
)
select outcome, coalesce(reason, '') as reason, count(*) as pictures
from latest
group by outcome, coalesce(reason, '')
order by count(*) desc, outcome, reason;
