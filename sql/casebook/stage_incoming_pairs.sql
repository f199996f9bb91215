-- The brands and subjects that a match file speaks of.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: incoming_matches (Arrow), matches. Read by: known_pairs.sql.
create or replace temporary table staged_pairs as
select
    incoming_matches.brand_id,
    incoming_matches.subject_key,
    any_value(incoming_matches.subject_kind) as subject_kind,
    min(incoming_matches.observed_at) as first_observed_at,
    max(incoming_matches.observed_at) as last_observed_at,
    count(*) filter (matches.match_id is null) as new_matches
from incoming_matches
left join matches on incoming_matches.match_id = matches.match_id
group by incoming_matches.brand_id, incoming_matches.subject_key;
