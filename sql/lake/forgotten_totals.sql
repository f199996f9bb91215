-- Rows that left the lake in all, and those that wait.
-- Grain: one row. Key: none.
select
    coalesce(sum(forgotten), 0) as forgotten,
    coalesce(sum(waiting), 0) as waiting
from forgettings;
