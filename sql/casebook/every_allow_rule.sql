-- Allow rules as they stand, whether they hold or not.
-- Grain: one row per rule. Key: rule_id.
-- Reads: allow_rules. Read by: namaak/casework/audit.py.
select
    rule_id,
    brand_id,
    asset,
    reason,
    author,
    until,
    made_at,
    withdrawn_at,
    withdrawn_by
from allow_rules
order by rule_id;
