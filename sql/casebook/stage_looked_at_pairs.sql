-- The pairs of which the answers say something else than before, or whose host is in another
-- state, and that have matches to weigh.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: incoming_site_traits (Arrow), incoming_states (Arrow), site_traits, cases, matches.
-- Read by: known_pairs.sql, rows_to_rank.sql.
create or replace temporary table staged_pairs as
with
changed as (
    select
        incoming_site_traits.brand_id,
        incoming_site_traits.subject_key
    from incoming_site_traits
    left join site_traits
        on incoming_site_traits.brand_id = site_traits.brand_id
        and incoming_site_traits.subject_key = site_traits.subject_key
    where coalesce(site_traits.traits, []) is distinct from incoming_site_traits.traits
    union
    select
        cases.brand_id,
        cases.subject_key
    from cases
    inner join incoming_states on cases.subject_key = incoming_states.subject_key
    where cases.subject_state <> incoming_states.state
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
