-- What could not be read and why, commonest first, with one example of each.
-- Grain: one row per source and reason. Key: (source, reason).
-- Reads: rejects. Read by: staff, with `namaak sql`.
select
    source,
    reason,
    count(*) as rows,
    min_by(instance, position) as example_instance,
    min(position) as example_position,
    min_by(excerpt, position) as example
from rejects
group by source, reason
order by count(*) desc, source, reason;
