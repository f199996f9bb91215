-- When each aspect of each host was asked last, what came of it, and when to ask again.
-- Grain: one row per subject and aspect. Key: subject_key, aspect.
select
    subject_key,
    aspect,
    -- Of the group SQLite takes the row that has the greatest.
    max(asked_at) as asked_at,
    outcome,
    due_at
from enrichments
group by subject_key, aspect
order by subject_key, aspect;
