-- The matches of a file that count: of the same resemblance seen more than once the latest,
-- unless the casebook holds a later one.
-- Grain: one row per match. Key: match_id.
-- Reads: incoming_matches (Arrow), matches. Read by: rows_to_rank.sql, insert_matches.sql.
create or replace temporary table staged_matches as
with
latest as (
    select
        match_id,
        brand_id,
        subject_key,
        subject_kind,
        source,
        instance,
        position,
        observed_at,
        field,
        value,
        term,
        resemblance,
        place,
        distance,
        strength,
        span_start,
        span_end,
        layers,
        lures,
        traits,
        kinds,
        evidence,
        suppressed,
        detector,
        tables
    from incoming_matches
    qualify row_number() over (
        partition by match_id
        order by observed_at desc, source, instance, position
    ) = 1
)
select latest.*
from latest
left join matches on latest.match_id = matches.match_id
-- At the same moment the incoming row wins: it may come from a newer detector.
where matches.match_id is null or matches.observed_at <= latest.observed_at;
