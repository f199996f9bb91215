-- What is known of the handle that a case has for its subject, or of the handles that are its
-- account's.
-- Grain: one row per handle-only key and stretch. Key: (alias_key, held_from). Binds: subject_key.
-- Reads: subject_aliases. Read by: read_case.
select
    alias_key,
    subject_key,
    held_from,
    held_to,
    outcome,
    says
from subject_aliases
where alias_key = $subject_key or subject_key = $subject_key
order by alias_key, held_from;
