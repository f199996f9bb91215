-- Cases known by a handle only that several accounts may have held, so that nobody can tell which.
-- Grain: one row per case and stretch of time. Key: (case_id, held_from).
-- Reads: subject_aliases, cases. Read by: staff, with `namaak sql`.
select
    cases.case_id,
    cases.brand_name,
    cases.subject,
    cases.band,
    subject_aliases.held_from,
    subject_aliases.held_to,
    subject_aliases.says
from subject_aliases
inner join cases on subject_aliases.alias_key = cases.subject_key
where subject_aliases.outcome = 'ambiguous'
order by cases.score desc, cases.case_id, subject_aliases.held_from;
