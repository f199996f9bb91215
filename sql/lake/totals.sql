-- What the lake holds, in one line.
-- Grain: one row.
select
    count(*) as batches,
    coalesce(sum(rows), 0) as rows,
    coalesce(sum(first_seen_rows), 0) as first_seen_rows,
    coalesce(sum(rejected), 0) as rejected
from batches;
