-- Campaigns: cases that something few others have ties together, over platforms, apps and domains.
-- Grain: one row per campaign, named after its oldest case. Key: campaign_id.
-- Reads: campaign_members, campaign_edges, cases, bands. Read by: find_campaigns, the console, staff.
create or replace view campaigns as
with
members as (
    select
        campaign_members.campaign_id,
        cases.*,
        bands.rank,
        case
            when cases.subject_kind = 'host' then 'domains'
            else split_part(cases.subject_key, ':', 2)
        end as platform
    from campaign_members
    inner join cases on campaign_members.case_id = cases.case_id
    inner join bands on cases.band = bands.band
),
tied as (
    select
        campaign_members.campaign_id,
        list(distinct campaign_edges.reason order by campaign_edges.reason) as reasons
    from campaign_edges
    inner join campaign_members on campaign_edges.one_case_id = campaign_members.case_id
    group by campaign_members.campaign_id
)
select
    members.campaign_id,
    count(*) as cases,
    count(distinct members.subject_key) as subjects,
    list(distinct members.brand_id order by members.brand_id) as brands,
    list(distinct members.brand_name order by members.brand_name) as brand_names,
    list(distinct members.platform order by members.platform) as platforms,
    any_value(tied.reasons) as reasons,
    arg_max(members.band, members.rank) as worst_band,
    max(members.score) as highest_score,
    count(*) filter (members.workflow in ('new', 'triage', 'reopened')) as undecided,
    min(members.first_observed_at) as first_observed_at,
    max(members.last_observed_at) as last_observed_at,
    list(distinct members.subject order by members.subject)[:10] as some_subjects
from members
inner join tied on members.campaign_id = tied.campaign_id
group by members.campaign_id
order by max(members.rank) desc, cases desc, highest_score desc, members.campaign_id;
