-- What ties the cases of one campaign.
-- Grain: one row per pair of cases, reason and value. Key: all four. Binds: campaign_id.
-- Reads: campaign_edges, campaign_members. Read by: read_campaign.
select
    campaign_edges.one_case_id,
    campaign_edges.other_case_id,
    campaign_edges.reason,
    campaign_edges.value,
    campaign_edges.says,
    campaign_edges.shared_by
from campaign_edges
inner join campaign_members on campaign_edges.one_case_id = campaign_members.case_id
where campaign_members.campaign_id = ?
order by
    campaign_edges.reason,
    campaign_edges.value,
    campaign_edges.one_case_id,
    campaign_edges.other_case_id;
