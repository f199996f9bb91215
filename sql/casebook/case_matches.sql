-- The matches of one case, the strongest first.
-- Grain: one row per match. Key: match_id. Binds: case_id.
-- Reads: matches. Read by: read_case.
select *
from matches
where case_id = ?
order by suppressed is not null, strength desc, match_id;
