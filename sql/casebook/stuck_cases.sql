-- Cases with a notice that was denied, or that nobody answered, and that are not down by now.
-- Grain: one row per case. Key: case_id.
-- Reads: actions, action_cases, cases. Read by: stuck_cases in namaak/casework/notices/proposing.py.
select action_cases.case_id
from action_cases
inner join actions on action_cases.action_id = actions.action_id
inner join cases on action_cases.case_id = cases.case_id
where
    actions.state in ('denied', 'no-reply')
    and cases.down_since is null
    and cases.workflow in ('confirmed', 'enforcing', 'reopened')
group by action_cases.case_id
order by min(actions.updated_at), action_cases.case_id;
