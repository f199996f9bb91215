-- Stores which case belongs to which campaign.
-- Grain: one row per case. Key: case_id.
-- Reads: incoming_campaign_members (Arrow). Read by: Campaigns.record_campaigns.
insert into campaign_members (case_id, campaign_id)
select case_id, campaign_id
from incoming_campaign_members;
