-- Writes down an allow rule.
-- Grain: one row. Key: rule_id. Binds: rule_id, brand_id, asset, reason, author, until, now.
-- Reads: none. Read by: Desk.allow.
insert into allow_rules (
    rule_id, brand_id, asset, reason, author, until, made_at, updated_at
)
values ($rule_id, $brand_id, $asset, $reason, $author, $until, $now, $now);
