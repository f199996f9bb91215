-- Cases that were dismissed because a rule allowed them, and the rule is over: withdrawn, or past its
-- last day. Where a person decided otherwise since, that stands.
-- Grain: one row per case. Key: case_id. Binds: today.
-- Reads: cases, events, allow_rules. Read by: Desk._rules_over.
with
dismissed as (
    select
        events.case_id,
        max_by(events.data, events.seq) as data
    from events
    inner join cases on events.case_id = cases.case_id
    where
        events.kind = 'dismissed'
        and cases.workflow = 'dismissed'
        and cases.reason_code = 'licensed'
    group by events.case_id
)
select
    dismissed.case_id,
    allow_rules.rule_id,
    allow_rules.withdrawn_at is not null as withdrawn
from dismissed
inner join allow_rules on dismissed.data ->> 'rule' = allow_rules.rule_id
where
    (allow_rules.withdrawn_at is not null or allow_rules.until < $today)
    -- Another rule may allow the same, and holds still.
    and not exists (
        select 1
        from allow_rules as others
        where
            others.brand_id = allow_rules.brand_id
            and others.asset = allow_rules.asset
            and others.withdrawn_at is null
            and others.until >= $today
    )
order by dismissed.case_id;
