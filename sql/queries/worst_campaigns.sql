-- Campaigns with the most urgent and most cases: act on what ties them, not on each alone.
-- Grain: one row per campaign. Key: campaign_id.
-- Reads: campaigns. Read by: staff, with `namaak sql`.
select
    campaign_id,
    cases,
    undecided,
    brands,
    platforms,
    reasons,
    worst_band,
    some_subjects,
    last_observed_at
from campaigns
limit 20;
