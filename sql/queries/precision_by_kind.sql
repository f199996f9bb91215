-- Of the cases people decided, how many were right: per way of resembling the brand.
-- A case counts as decided once it was confirmed or dismissed; watched and snoozed ones do not.
-- Grain: one row per kind of resemblance and band. Key: (kind, band).
-- Reads: cases, events. Read by: staff, with `namaak sql`.
with
last_decision as (
    select
        case_id,
        arg_max(kind, case_seq) as decision
    from events
    where kind in ('confirmed', 'dismissed')
    group by case_id
)
select
    cases.kind,
    cases.band,
    count(*) as decided,
    count(*) filter (last_decision.decision = 'confirmed') as confirmed,
    round(
        100.0 * count(*) filter (last_decision.decision = 'confirmed') / count(*), 1
    ) as confirmed_percent
from cases
inner join last_decision on cases.case_id = last_decision.case_id
group by cases.kind, cases.band
order by decided desc, cases.kind, cases.band;
