-- What was looked at: how much each source and instance gave, and what of it could not be read.
-- Grain: one row per source and instance. Key: (source, instance).
-- Reads: batches, rejects. Read by: `namaak doctor`, the console, staff.
create or replace view coverage as
with
gathered as (
    select
        source,
        instance,
        max(label) as label,
        count(*) as batches,
        min(start_position) as start_position,
        max(end_position) as end_position,
        sum(rows)::bigint as observations,
        sum(first_seen_rows)::bigint as first_seen,
        sum(rejected)::bigint as rejected,
        min(gathered_at) as first_gathered_at,
        max(gathered_at) as last_gathered_at
    from batches
    group by source, instance
),
refused as (
    select
        source,
        instance,
        count(*) as rejects_kept,
        mode(reason) as commonest_reason
    from rejects
    group by source, instance
)
select
    coalesce(gathered.source, refused.source) as source,
    coalesce(gathered.instance, refused.instance) as instance,
    gathered.label,
    coalesce(gathered.batches, 0) as batches,
    gathered.start_position,
    gathered.end_position,
    coalesce(gathered.observations, 0) as observations,
    coalesce(gathered.first_seen, 0) as first_seen,
    coalesce(gathered.rejected, refused.rejects_kept) as rejected,
    refused.commonest_reason,
    gathered.first_gathered_at,
    gathered.last_gathered_at
from gathered
full join refused
    on gathered.source = refused.source
    and gathered.instance = refused.instance
order by source, instance;
