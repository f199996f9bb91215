-- The pairs of which the profile says something else than before, or whose subject is in another
-- state or has another name, and that have matches to weigh.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: incoming_profile_traits (Arrow), incoming_states (Arrow), profile_traits, cases, profiles,
-- matches. Read by: known_pairs.sql, rows_to_rank.sql.
create or replace temporary table staged_pairs as
with
latest as (
    select
        subject_key,
        case
            when subject_kind = 'app' then nullif(display_name, '')
            when handle <> '' then platform || '/@' || ltrim(handle, '@')
        end as subject
    from profiles
    where subject_key in (select subject_key from incoming_profile_traits)
    qualify row_number() over (partition by subject_key order by version desc) = 1
),
changed as (
    select
        incoming_profile_traits.brand_id,
        incoming_profile_traits.subject_key
    from incoming_profile_traits
    left join profile_traits
        on incoming_profile_traits.brand_id = profile_traits.brand_id
        and incoming_profile_traits.subject_key = profile_traits.subject_key
    where coalesce(profile_traits.traits, []) is distinct from incoming_profile_traits.traits
    union
    select
        cases.brand_id,
        cases.subject_key
    from cases
    inner join incoming_states on cases.subject_key = incoming_states.subject_key
    where cases.subject_state <> incoming_states.state or incoming_states.moved
    union
    select
        cases.brand_id,
        cases.subject_key
    from cases
    inner join latest on cases.subject_key = latest.subject_key
    where cases.subject <> latest.subject
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
