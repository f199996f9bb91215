-- Cases whose history says that evidence was deleted, where the log of deletions says nothing of it, or
-- of less, or names somebody else.
-- Grain: one row per case, time and class. Key: all three.
-- Reads: events, deletions. Read by: namaak/casework/audit.py.
with
thinned as (
    select
        case_id,
        happened_at,
        actor,
        data,
        unnest(json_keys(data)) as class
    from events
    where kind = 'thinned' and json_valid(data)
)
select
    thinned.case_id,
    thinned.happened_at,
    thinned.class
from thinned
left join deletions
    on thinned.happened_at = deletions.deleted_at
    and thinned.class = deletions.class
    and thinned.actor = deletions.actor
    and deletions.items >= try_cast(json_extract_string(thinned.data, '$."' || thinned.class || '"') as bigint)
where deletions.class is null
order by thinned.case_id, thinned.happened_at, thinned.class;
