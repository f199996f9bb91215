-- The matches that move, under their new keys; of two that become one the later.
-- Grain: one row per match. Key: match_id.
-- Reads: matches, incoming_moves (Arrow), cases. Read by: insert_moved_matches.sql,
-- delete_moved_matches.sql.
create or replace temporary table moved_matches as
with
moved as (
    select matches.* replace (
        incoming_moves.new_match_id as match_id,
        incoming_moves.account_key as subject_key,
        null as case_id
    )
    from matches
    inner join incoming_moves on matches.match_id = incoming_moves.match_id
),
latest as (
    select *
    from moved
    qualify row_number() over (
        partition by match_id
        order by observed_at desc, source, instance, position
    ) = 1
)
select latest.* replace (cases.case_id as case_id)
from latest
left join matches on latest.match_id = matches.match_id
left join cases
    on latest.brand_id = cases.brand_id
    and latest.subject_key = cases.subject_key
where matches.match_id is null or matches.observed_at < latest.observed_at;
