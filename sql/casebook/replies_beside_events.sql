-- Answers to notices about a part of all cases.
-- Grain: one row per answer and case. Key: (case_id, action_id, position). Binds: after, up_to
-- (cases).
-- Reads: action_cases, action_replies. Read by: namaak/casework/audit.py.
select
    action_cases.case_id,
    action_replies.action_id,
    action_replies.position,
    action_replies.channel,
    action_replies.sender,
    action_replies.summary,
    action_replies.received_at,
    action_replies.content_sha256,
    action_replies.state_after,
    action_replies.logged_by,
    action_replies.logged_at
from action_replies
inner join action_cases on action_replies.action_id = action_cases.action_id
where action_cases.case_id > $after and action_cases.case_id <= $up_to
order by action_cases.case_id, action_replies.action_id, action_replies.position;
