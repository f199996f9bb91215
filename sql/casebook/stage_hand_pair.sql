-- The brand and subject that a person asks a case for.
-- Grain: one row. Key: (brand_id, subject_key). Binds: brand_id, subject_key, subject_kind, now.
-- Reads: matches. Read by: known_pairs.sql, rows_to_rank.sql.
create or replace temporary table staged_pairs as
select
    $brand_id as brand_id,
    $subject_key as subject_key,
    $subject_kind as subject_kind,
    coalesce(min(observed_at), $now::timestamptz) as first_observed_at,
    coalesce(max(observed_at), $now::timestamptz) as last_observed_at,
    0 as new_matches
from matches
where brand_id = $brand_id and subject_key = $subject_key;
