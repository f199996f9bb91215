-- Cases that an allow rule ever dismissed.
-- Grain: one row per case. Key: case_id. Binds: rule_id.
-- Reads: events. Read by: Desk.withdraw_rule.
select distinct case_id
from events
where kind = 'dismissed' and (data ->> '$.rule') = $rule_id
order by case_id;
