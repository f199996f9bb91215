-- Takes an allow rule back.
-- Grain: no row, or one. Key: rule_id. Binds: actor, now, rule_id.
-- Reads: allow_rules. Read by: Desk.withdraw_rule.
update allow_rules
set
    withdrawn_at = $now,
    withdrawn_by = $actor,
    updated_at = $now
where rule_id = $rule_id and withdrawn_at is null
returning rule_id;
