-- Notices that wait for us or have waited too long for others: what to do about them next.
-- As of now and of no other time, because it is a list of what to do today: nobody measures by it,
-- and in a copy that was kept it names what came due since, too, which is what a reader wants.
-- Grain: one row per action that needs a person. Key: action_id.
-- Reads: action_detail. Read by: `namaak notice list --due`, staff.
create or replace view due_actions as
select
    action_id,
    case
        when sending_at is not null then 'find out whether it went out'
        when state = 'draft' and incomplete then 'complete it'
        when state = 'draft' then 'approve it'
        when state = 'approved' then 'send it'
        when state = 'info-requested' then 'answer the question'
        when state = 'no-reply' then 'take the next rung'
        else 'overdue: take the next rung'
    end as what,
    state,
    route,
    provider,
    subjects,
    brand_names,
    due_at,
    sent_at,
    template,
    case_ids,
    updated_at
from action_detail
where
    state in ('draft', 'approved', 'info-requested', 'no-reply')
    or (state in ('sent', 'acknowledged') and due_at <= now())
order by due_at asc nulls last, updated_at, action_id;
