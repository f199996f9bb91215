-- The versions of the profile of one case's subject, oldest first.
-- Grain: one row per version. Key: version. Binds: case_id.
-- Reads: account_history. Read by: read_case.
select *
from account_history
where case_id = ?
order by version;
