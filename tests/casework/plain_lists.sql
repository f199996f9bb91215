-- What cases hold for the lists of the desk, said plainly, from what it follows from: the cases for
-- which it is not so.
-- Grain: one row per case. Key: case_id.
-- Reads: cases, bands, signals, worn_pictures. Read by: tests/casework/plain_lists.py.
with
said as (
    select
        case_id,
        list(says order by contribution desc, position) as reasons
    from signals
    group by case_id
),
worn as (
    select distinct
        cases.case_id,
        cases.brand_id,
        worn_pictures.look
    from worn_pictures
    inner join cases
        on worn_pictures.brand_id = cases.brand_id
        and worn_pictures.subject_key = cases.subject_key
    where
        worn_pictures.hashed
        and worn_pictures.mostly_imitators
        and cases.subject_kind <> 'image'
),
sharing as (
    select
        case_id,
        max(cases) - 1 as same_picture
    from (
        select
            case_id,
            count(*) over (partition by brand_id, look) as cases
        from worn
    ) as of_a_look
    group by case_id
),
open_cases as (
    select
        cases.case_id,
        count(*) over same_series - 1 as more,
        row_number() over (
            same_series
            order by bands.rank desc, cases.score desc, cases.evidence desc nulls last, cases.case_id
        ) as place
    from cases
    inner join bands on cases.band = bands.band
    where bands.rank >= 2 and cases.workflow in ('new', 'triage', 'reopened')
    window same_series as (partition by cases.brand_id, coalesce(cases.series, cases.case_id))
)
select
    cases.case_id,
    cases.subject,
    cases.reasons,
    said.reasons as plain_reasons,
    cases.same_picture,
    sharing.same_picture as plain_same_picture,
    cases.inbox_more,
    open_cases.more as plain_more
from cases
left join said on cases.case_id = said.case_id
left join sharing on cases.case_id = sharing.case_id
left join open_cases on cases.case_id = open_cases.case_id and open_cases.place = 1
where
    coalesce(from_json(cases.reasons, '["varchar"]'), []) <> coalesce(said.reasons, [])
    or coalesce(cases.same_picture, 0) <> coalesce(sharing.same_picture, 0)
    or cases.inbox_more is distinct from open_cases.more
order by cases.case_id;
