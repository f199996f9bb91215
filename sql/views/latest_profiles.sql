-- Accounts and apps as they were seen last.
-- Grain: one row per subject. Key: subject_key.
-- Reads: profiles. Read by: read_case, accounts_to_look_again, the console, staff.
create or replace view latest_profiles as
select *
from profiles
qualify row_number() over (partition by subject_key order by version desc) = 1
order by subject_key;
