-- The pairs whose ties are others than before, and that have matches to weigh.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: staged_ties, profile_traits, matches. Read by: known_pairs.sql, rows_to_rank.sql.
create or replace temporary table staged_pairs as
with
changed as (
    select
        staged_ties.brand_id,
        staged_ties.subject_key
    from staged_ties
    inner join profile_traits
        on staged_ties.brand_id = profile_traits.brand_id
        and staged_ties.subject_key = profile_traits.subject_key
    where staged_ties.ties is distinct from profile_traits.ties
)
select
    matches.brand_id,
    matches.subject_key,
    any_value(matches.subject_kind) as subject_kind,
    min(matches.observed_at) as first_observed_at,
    max(matches.observed_at) as last_observed_at,
    0::bigint as new_matches
from matches
inner join changed
    on matches.brand_id = changed.brand_id
    and matches.subject_key = changed.subject_key
group by matches.brand_id, matches.subject_key;
