-- Answers that are kept as they came and were stored before a time.
-- Grain: one row per answer. Key: sha256. Binds: the time, as text.
-- Reads: answers. Read by: Answers.old_answers.
select
    sha256,
    bytes,
    stored_at
from answers
where stored_at < ?
order by stored_at, sha256;
