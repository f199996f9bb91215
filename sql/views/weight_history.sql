-- Which weights were learned from verdicts, by whom, and which of them count today.
-- Grain: one row per version. Key: version.
-- Reads: weight_versions. Read by: staff.
create or replace view weight_history as
select
    version,
    active,
    made_at,
    actor as made_by,
    verdicts,
    better,
    activated_at,
    activated_by,
    forced,
    came_after,
    withdrawn_at,
    withdrawn_by,
    fitted_on
from weight_versions
order by made_at desc, version;
