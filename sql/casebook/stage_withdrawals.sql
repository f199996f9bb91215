-- Stored matches that the same batch, matched again with the same brands, no longer gives:
-- the watch file or a detector changed.
-- Grain: one row per match. Key: match_id. Binds: batch_id, brands.
-- Reads: matches, incoming_matches (Arrow). Read by: stage_incoming_pairs.sql, rows_to_rank.sql,
-- delete_matches.sql.
create or replace temporary table staged_withdrawals as
select
    match_id,
    brand_id,
    subject_key,
    subject_kind,
    observed_at
from matches
where
    batch_id = $batch_id
    and list_contains($brands, brand_id)
    and match_id not in (select match_id from incoming_matches);
