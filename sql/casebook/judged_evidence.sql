-- The signals that verdicts were about: as they stood at the verdict, or, of verdicts older than
-- that was kept, as they stand today.
-- Grain: one row per case and signal. Key: (case_id, position).
-- Reads: judged_signals, signals, cases, events. Read by: namaak/casework/learned/reading.py.
with
decided as (
    select distinct case_id
    from events
    where kind in ('confirmed', 'enforced', 'dismissed')
),
today as (
    select
        signals.case_id,
        signals.position,
        signals.name,
        signals.contribution,
        cases.rank_version
    from signals
    inner join cases on signals.case_id = cases.case_id
    where
        signals.case_id in (select case_id from decided)
        and signals.case_id not in (select case_id from judged_signals)
)
select
    case_id,
    position,
    name,
    contribution,
    rank_version
from judged_signals
union all by name
select *
from today
order by case_id, position;
