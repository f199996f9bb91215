-- Every key under which the casebook knows a subject: cases, what was folded into them, and profiles.
-- Grain: one row per key. Key: subject_key.
-- Reads: cases, subject_aliases, profile_subjects. Read by: namaak/known.py.
select subject_key
from cases
union
select subject_key
from subject_aliases
union
select alias_key as subject_key
from subject_aliases
union
select subject_key
from profile_subjects
order by subject_key;
