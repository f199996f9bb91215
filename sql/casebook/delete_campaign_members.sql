-- Drops which case belongs to which campaign before it is stored anew.
-- Grain: one row per case. Key: case_id.
-- Read by: Campaigns.record_campaigns.
delete from campaign_members;
