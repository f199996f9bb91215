-- Drops the ties between cases before they are stored anew.
-- Grain: one row per pair of cases, reason and value. Key: all four.
-- Read by: Campaigns.record_campaigns.
delete from campaign_edges;
