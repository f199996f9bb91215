-- The signals of one case, what speaks most for it first, what speaks against it last.
-- Grain: one row per signal. Key: position. Binds: case_id.
-- Reads: signals. Read by: read_case.
select
    position,
    name,
    says,
    raw,
    weight,
    contribution,
    detector,
    axis,
    would_change
from signals
where case_id = ?
order by contribution desc, position;
