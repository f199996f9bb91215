-- The notices about a case, or about another case of its brand in its campaign; the first first.
-- Grain: one row per action. Key: action_id. Binds: case_id.
-- Reads: actions, action_cases, campaign_members, cases. Read by: namaak/casework/actions.py, actions_near.
with
campaign as (
    select campaign_members.case_id
    from campaign_members
    inner join cases on campaign_members.case_id = cases.case_id
    where
        campaign_members.campaign_id = (
            select own.campaign_id
            from campaign_members as own
            where own.case_id = $case_id
        )
        and cases.brand_id = (
            select this.brand_id
            from cases as this
            where this.case_id = $case_id
        )
),
near as (
    select distinct action_cases.action_id
    from action_cases
    where
        action_cases.case_id = $case_id
        or action_cases.case_id in (select campaign.case_id from campaign)
)
select actions.*
from actions
inner join near on actions.action_id = near.action_id
order by actions.drafted_at, actions.action_id;
