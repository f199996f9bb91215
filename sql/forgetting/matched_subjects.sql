-- Whoever ever resembled a brand: no bystander, also where the match does not count any more.
-- Grain: one row per subject. Key: subject_key.
-- Reads: match_rows. Read by: namaak/forgetting.py.
create temporary table matched_subjects as
select distinct subject_key
from match_rows;
