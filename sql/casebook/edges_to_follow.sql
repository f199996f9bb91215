-- Pairs of cases that are tied, with what tells which was first.
-- Grain: one row per pair. Key: (one_case_id, other_case_id).
-- Reads: campaign_edges. Read by: Campaigns.record_campaigns.
select distinct
    one_case_id,
    other_case_id
from campaign_edges
order by one_case_id, other_case_id;
