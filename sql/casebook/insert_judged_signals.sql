-- Keeps the signals of cases as they stand at a verdict: what is seen later was not judged.
-- Grain: one row per signal. Key: (case_id, position).
-- Reads: incoming_judged (Arrow), signals, cases. Read by: Working.
insert into judged_signals (case_id, position, name, contribution, rank_version, judged_at)
select
    signals.case_id,
    signals.position,
    signals.name,
    signals.contribution,
    cases.rank_version,
    incoming_judged.judged_at
from incoming_judged
inner join signals on incoming_judged.case_id = signals.case_id
inner join cases on incoming_judged.case_id = cases.case_id;
