-- Every case, as the pairs to weigh anew.
-- Grain: one row per case. Key: (brand_id, subject_key).
-- Reads: cases. Read by: known_pairs.sql.
create or replace temporary table staged_pairs as
select
    brand_id,
    subject_key,
    subject_kind,
    first_observed_at,
    last_observed_at,
    0::bigint as new_matches
from cases;
