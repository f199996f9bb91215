-- Whoever ever resembled a brand, also where the match does not count any more, and whoever is a
-- subject of the casebook, also by another key: no bystanders.
-- Grain: one row per subject. Key: subject_key.
-- Reads: match_rows, kept_subjects. Read by: namaak/forgetting.py.
create or replace temporary table matched_subjects as
select subject_key
from match_rows
union
select subject_key
from kept_subjects;
