-- Counts what a match file came to; brands without a tally of their own count as zero.
-- Grain: one row per match file and brand. Key: (match_file, brand_id).
-- Reads: incoming_tallies (Arrow), incoming_matches (Arrow). Binds: match_file, loaded_at, rank_version.
-- Read by: Casebook.load_matches.
insert into loads (
    match_file, brand_id, matches, suppressed, faint, below_watch, cases_opened, cases_refreshed, loaded_at, rank_version
)
with
counted as (
    select
        brand_id,
        count(*) as matches,
        count(*) filter (suppressed is not null) as suppressed
    from incoming_matches
    group by brand_id
    union all
    -- A brand may have nothing but names too faint to be matches.
    select
        brand_id,
        0 as matches,
        0 as suppressed
    from incoming_tallies
    where brand_id not in (select brand_id from incoming_matches)
    union all
    -- A file without matches still is a file that was loaded.
    select
        '' as brand_id,
        0 as matches,
        0 as suppressed
    where
        not exists (select 1 from incoming_matches)
        and not exists (select 1 from incoming_tallies)
)
select
    $match_file,
    counted.brand_id,
    counted.matches,
    counted.suppressed,
    coalesce(incoming_tallies.faint, 0),
    coalesce(incoming_tallies.below_watch, 0),
    coalesce(incoming_tallies.cases_opened, 0),
    coalesce(incoming_tallies.cases_refreshed, 0),
    $loaded_at,
    $rank_version
from counted
left join incoming_tallies on counted.brand_id = incoming_tallies.brand_id;
