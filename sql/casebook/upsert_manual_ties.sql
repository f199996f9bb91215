-- What a person says of pairs of cases; of a pair the last word counts.
-- Grain: one row per pair. Key: (one_case_id, other_case_id).
-- Reads: incoming_ties (Arrow). Read by: Desk.merge, Desk.split.
insert into manual_ties (one_case_id, other_case_id, verdict, actor, note, tied_at, updated_at)
select one_case_id, other_case_id, verdict, actor, note, tied_at, updated_at
from incoming_ties
on conflict (one_case_id, other_case_id) do update set
    verdict = excluded.verdict,
    actor = excluded.actor,
    note = excluded.note,
    tied_at = excluded.tied_at,
    updated_at = excluded.updated_at;
