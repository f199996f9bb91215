-- All matches of the staged pairs, staged and stored, pair by pair, the strongest first.
-- Grain: one row per match. Key: match_id.
-- Reads: staged_pairs, staged_matches, staged_withdrawals, matches. Read by: namaak/casework/loading.py.
with
stored as (
    select matches.* exclude (case_id, batch_id)
    from matches
    inner join staged_pairs
        on matches.brand_id = staged_pairs.brand_id
        and matches.subject_key = staged_pairs.subject_key
    where
        matches.match_id not in (select match_id from staged_matches)
        and matches.match_id not in (select match_id from staged_withdrawals)
),
together as (
    select * from staged_matches
    union all by name
    select * from stored
)
select
    together.match_id,
    together.brand_id,
    together.subject_key,
    together.subject_kind,
    together.source,
    together.instance,
    together.position,
    together.observed_at,
    together.field,
    together.value,
    together.term,
    together.resemblance,
    together.place,
    together.distance,
    together.strength,
    together.span_start,
    together.span_end,
    together.layers,
    together.lures,
    together.traits,
    together.kinds,
    together.evidence,
    together.suppressed,
    together.detector,
    together.tables
from together
order by together.brand_id, together.subject_key, together.strength desc, together.match_id;
