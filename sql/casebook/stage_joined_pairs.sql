-- The accounts that matches moved to.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: matches, incoming_moves (Arrow). Read by: known_pairs.sql, rows_to_rank.sql.
create or replace temporary table staged_pairs as
select
    matches.brand_id,
    matches.subject_key,
    any_value(matches.subject_kind) as subject_kind,
    min(matches.observed_at) as first_observed_at,
    max(matches.observed_at) as last_observed_at,
    count(*) filter (
        matches.match_id in (select new_match_id from incoming_moves)
    ) as new_matches
from matches
where (matches.brand_id, matches.subject_key) in (
    select (brand_id, account_key)
    from incoming_moves
)
group by matches.brand_id, matches.subject_key;
