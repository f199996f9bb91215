-- Everything that has matches in the casebook, to be weighed again.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: matches. Read by: known_pairs.sql, rows_to_rank.sql.
create or replace temporary table staged_pairs as
select
    brand_id,
    subject_key,
    any_value(subject_kind) as subject_kind,
    min(observed_at) as first_observed_at,
    max(observed_at) as last_observed_at,
    0::bigint as new_matches
from matches
group by brand_id, subject_key;
