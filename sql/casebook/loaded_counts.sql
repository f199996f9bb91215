-- The sums of one match file over its brands.
-- Grain: one row. Key: none. Binds: match_file.
-- Reads: loads. Read by: Casebook.load_matches.
select
    sum(matches)::bigint as matches,
    sum(suppressed)::bigint as suppressed,
    sum(faint)::bigint as faint,
    sum(below_watch)::bigint as below_watch,
    sum(cases_opened)::bigint as cases_opened,
    sum(cases_refreshed)::bigint as cases_refreshed
from loads
where match_file = ?;
