-- Accounts and apps of cases that were removed or suspended, and whether they are back.
-- Grain: one row per case of such an account. Key: case_id.
-- Reads: account_history, cases. Read by: staff, with `namaak sql`.
with
gone as (
    select
        case_id,
        min(first_seen_at) filter (state in ('removed', 'suspended')) as gone_at,
        max(first_seen_at) filter (
            state = 'live' and state_before in ('removed', 'suspended')
        ) as back_at
    from account_history
    group by case_id
)
select
    cases.case_id,
    cases.brand_name,
    cases.subject,
    cases.subject_state,
    cases.workflow,
    gone.gone_at,
    gone.back_at
from gone
inner join cases on gone.case_id = cases.case_id
where gone.gone_at is not null
order by gone.back_at desc nulls last, gone.gone_at desc, cases.case_id;
