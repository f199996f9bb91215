-- What people allowed beside the watch file, rules that are over included, newest first.
-- Grain: one row per rule. Key: rule_id. Binds: today.
-- Reads: allow_rules, brands. Read by: namaak/casework/allowing.py.
select
    allow_rules.rule_id,
    allow_rules.brand_id,
    coalesce(brands.name, allow_rules.brand_id) as brand_name,
    allow_rules.asset,
    allow_rules.reason,
    allow_rules.author,
    allow_rules.until,
    allow_rules.made_at,
    allow_rules.withdrawn_at,
    allow_rules.withdrawn_by,
    allow_rules.withdrawn_at is null and allow_rules.until >= $today as holds,
    allow_rules.updated_at
from allow_rules
left join brands on allow_rules.brand_id = brands.brand_id
order by allow_rules.made_at desc, allow_rules.rule_id;
