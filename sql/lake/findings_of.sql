-- In which file each finding of one host stands.
-- Grain: one row per finding. Key: aspect, asked_at.
select aspect, asked_at, says_something, file
from enrichments
where subject_key = ?
order by aspect, asked_at;
