-- Campaigns, the most urgent first.
-- Grain: one row per campaign. Key: campaign_id. Binds: brand, campaign, row_limit.
-- Reads: campaigns. Read by: find_campaigns.
select *
from campaigns
where
    (
        $brand is null
        or list_contains(brands, $brand)
        or list_contains(list_transform(brand_names, lambda name: lower(name)), lower($brand))
    )
    and ($campaign is null or campaign_id = $campaign)
limit $row_limit;
