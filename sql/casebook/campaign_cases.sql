-- The cases of one campaign, worst first.
-- Grain: one row per case. Key: case_id. Binds: campaign_id.
-- Reads: campaign_members, cases, bands. Read by: read_campaign.
select
    cases.case_id,
    cases.brand_id as brand,
    cases.brand_name,
    cases.subject,
    cases.subject_kind,
    cases.band,
    cases.score,
    cases.workflow,
    cases.subject_state,
    cases.first_observed_at,
    cases.last_observed_at
from campaign_members
inner join cases on campaign_members.case_id = cases.case_id
inner join bands on cases.band = bands.band
where campaign_members.campaign_id = ?
order by bands.rank desc, cases.score desc, cases.case_id;
