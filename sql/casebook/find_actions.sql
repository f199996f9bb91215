-- Notices as lists show them, what changed last first.
-- Grain: one row per action. Key: action_id. Binds: state, case_id, row_limit; null is any.
-- Reads: action_detail. Read by: find_actions.
from action_detail
where
    ($state is null or state = $state)
    and ($case_id is null or list_contains(case_ids, $case_id))
order by updated_at desc, action_id
limit $row_limit;
