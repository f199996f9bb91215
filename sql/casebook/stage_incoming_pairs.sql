-- The brands and subjects that a match file speaks of, or no longer speaks of.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: incoming_matches (Arrow), staged_withdrawals, matches. Read by: known_pairs.sql.
create or replace temporary table staged_pairs as
with
spoken_of as (
    select brand_id, subject_key, subject_kind, observed_at, match_id, true as incoming
    from incoming_matches
    union all
    select brand_id, subject_key, subject_kind, observed_at, match_id, false as incoming
    from staged_withdrawals
)
select
    spoken_of.brand_id,
    spoken_of.subject_key,
    any_value(spoken_of.subject_kind) as subject_kind,
    min(spoken_of.observed_at) as first_observed_at,
    max(spoken_of.observed_at) as last_observed_at,
    count(*) filter (spoken_of.incoming and matches.match_id is null) as new_matches
from spoken_of
left join matches on spoken_of.match_id = matches.match_id
group by spoken_of.brand_id, spoken_of.subject_key;
