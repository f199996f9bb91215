-- Where a case went that was another by its handle, and which cases came into it.
-- Grain: one row per case joined. Key: case_id. Binds: case_id.
-- Reads: events, cases. Read by: read_case.
with
joined as (
    select
        case
            when (data ->> 'into') is not null then 'into'
            else 'from'
        end as direction,
        coalesce(data ->> 'into', data ->> 'joined') as other_case_id,
        happened_at
    from events
    where kind = 'joined' and case_id = ?
)
select
    joined.direction,
    joined.other_case_id as case_id,
    cases.subject,
    joined.happened_at
from joined
left join cases on joined.other_case_id = cases.case_id
order by joined.happened_at, joined.other_case_id;
