-- Gives the matches that waited for more to the case that was opened now.
-- Grain: one row per match. Key: match_id.
-- Reads: cases. Read by: Casebook.
update matches
set case_id = cases.case_id
from cases
where
    matches.case_id is null
    and matches.brand_id = cases.brand_id
    and matches.subject_key = cases.subject_key;
