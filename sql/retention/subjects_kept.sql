-- Subjects about which answers of servers stay as they came: of cases that are not over, not for
-- long enough, or held.
-- Grain: one row per subject. Key: subject_key. Binds: before.
-- Reads: cases_over. Read by: namaak.retaining.
select
    subject_key,
    bool_or(legal_hold) and bool_and(coalesce(over_since < $before, false)) as only_held
from cases_over
where over_since is null or over_since >= $before or legal_hold
group by subject_key
order by subject_key;
