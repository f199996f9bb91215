-- Nothing comes in and nothing is withdrawn: only what is stored is weighed.
-- Grain: one row per match. Key: match_id.
-- Reads: matches. Read by: rows_to_rank.sql, insert_matches.sql, delete_matches.sql.
create or replace temporary table staged_matches as
select * exclude (case_id, batch_id)
from matches
limit 0;

create or replace temporary table staged_withdrawals as
select
    match_id,
    brand_id,
    subject_key,
    subject_kind,
    observed_at
from matches
limit 0;
