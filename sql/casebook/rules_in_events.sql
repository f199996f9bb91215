-- What the history says of allow rules: by which cases were dismissed, and which were withdrawn.
-- Grain: one row per rule, kind, time, actor, note and digest. Key: all six.
-- Reads: events. Read by: namaak/casework/audit.py.
with
-- Whatever somebody wrote into an event, it is read to its end.
read as (
    select
        kind,
        actor,
        happened_at,
        case when json_valid(data) then data end as data
    from events
    where kind in ('dismissed', 'reopened', 'noted')
),
named as (
    select
        kind,
        actor,
        happened_at,
        data ->> 'note' as note,
        data ->> 'rule_sha256' as rule_sha256,
        case
            when kind in ('dismissed', 'noted') then data ->> 'rule'
            else regexp_extract(data ->> 'note', '^the allow rule (NR-[0-9A-Z]+) was withdrawn$', 1)
        end as rule_id
    from read
)
select distinct
    rule_id,
    kind,
    happened_at,
    actor,
    note,
    rule_sha256
from named
-- Whatever a person wrote when he opened a case again is no word about a rule that never was.
where (kind = 'dismissed' and rule_id is not null) or rule_id in (select rule_id from allow_rules)
order by rule_id, happened_at, kind, actor, note;
