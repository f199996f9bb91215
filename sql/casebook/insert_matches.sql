-- Stores the staged matches of pairs that are cases; and of accounts and apps that are none
-- yet, because another element of the same identity (its picture, say) may come in a later file.
-- Grain: one row per match. Key: match_id.
-- Reads: staged_matches, cases. Binds: batch_id. Read by: Casebook.
insert into matches (
    match_id, case_id, batch_id, brand_id, subject_key, subject_kind, source, instance, position,
    observed_at, field, value, term, resemblance, place, distance, strength, span_start, span_end,
    layers, lures, traits, kinds, evidence, suppressed, detector, tables
)
select
    staged_matches.match_id,
    cases.case_id,
    $batch_id,
    staged_matches.brand_id,
    staged_matches.subject_key,
    staged_matches.subject_kind,
    staged_matches.source,
    staged_matches.instance,
    staged_matches.position,
    staged_matches.observed_at,
    staged_matches.field,
    staged_matches.value,
    staged_matches.term,
    staged_matches.resemblance,
    staged_matches.place,
    staged_matches.distance,
    staged_matches.strength,
    staged_matches.span_start,
    staged_matches.span_end,
    staged_matches.layers,
    staged_matches.lures,
    staged_matches.traits,
    staged_matches.kinds,
    staged_matches.evidence,
    staged_matches.suppressed,
    staged_matches.detector,
    staged_matches.tables
from staged_matches
left join cases
    on staged_matches.brand_id = cases.brand_id
    and staged_matches.subject_key = cases.subject_key
where
    cases.case_id is not null
    or (staged_matches.subject_kind in ('account', 'app') and staged_matches.suppressed is null);
