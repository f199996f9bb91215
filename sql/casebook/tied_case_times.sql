-- When each tied case was opened: the oldest of a campaign stands for it.
-- Grain: one row per case. Key: case_id.
-- Reads: campaign_edges, cases. Read by: Campaigns.record_campaigns.
select
    case_id,
    opened_at
from cases
where
    case_id in (select one_case_id from campaign_edges)
    or case_id in (select other_case_id from campaign_edges);
