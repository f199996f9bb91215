-- Every notice in one row, with what it is about and what was answered: the board of takedowns.
-- Grain: one row per action. Key: action_id.
-- Reads: actions, action_cases, action_replies, cases. Read by: `namaak notice list`, due_actions, staff.
create or replace view action_detail as
with
about as (
    select
        action_cases.action_id,
        list(action_cases.case_id order by action_cases.case_id) as case_ids,
        list(distinct cases.subject order by cases.subject) as subjects,
        list(distinct cases.brand_name order by cases.brand_name) as brand_names,
        count(*) as cases,
        count(cases.down_since) as cases_down
    from action_cases
    inner join cases on action_cases.case_id = cases.case_id
    group by action_cases.action_id
),
answers as (
    select
        action_id,
        count(*) as replies,
        max(received_at) as last_reply_at
    from action_replies
    group by action_id
)
select
    actions.action_id,
    actions.state,
    actions.route,
    coalesce(actions.provider_name, actions.address, actions.scope) as provider,
    actions.provider_id,
    actions.scope,
    actions.channel,
    actions.address,
    actions.template,
    actions.attempt,
    about.subjects,
    about.brand_names,
    about.case_ids,
    about.cases,
    about.cases_down,
    actions.missing <> '[]' as incomplete,
    actions.drafted_at,
    actions.drafted_by,
    actions.approved_at,
    actions.approved_by,
    actions.sending_at,
    actions.sent_at,
    actions.sent_by,
    actions.sent_how,
    actions.acknowledged_at,
    actions.answered_at,
    actions.ended_at,
    actions.due_at,
    actions.provider_ref,
    actions.outcome,
    coalesce(answers.replies, 0) as replies,
    answers.last_reply_at,
    actions.reference,
    actions.campaign_id,
    actions.updated_at,
    actions.revision
from actions
left join about on actions.action_id = about.action_id
left join answers on actions.action_id = answers.action_id
order by actions.updated_at desc, actions.action_id;
