-- Of each case how many others people confirmed that share something rare with it; the value that
-- most confirmed ones have counts. An address of a hosting company is shared by neighbours, so
-- it ties nobody here. Counts are told in steps, so that the next verdict seldom changes them.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key). Binds: steps.
-- Reads: campaign_edges, cases, events. Read by: stage_newly_tied_pairs.sql, insert_tied_traits.sql.
create or replace temporary table staged_tied_traits as
with
last_word as (
    select
        case_id,
        arg_max(kind, case_seq) as word
    from events
    where
        kind in ('confirmed', 'enforced', 'dismissed', 'reopened', 'watched')
        and not starts_with(actor, 'flow:')
    group by case_id
),
confirmed as (
    select case_id
    from last_word
    where word in ('confirmed', 'enforced')
),
holders as (
    select reason, value, one_case_id as case_id
    from campaign_edges
    where reason <> 'server'
    union
    select reason, value, other_case_id as case_id
    from campaign_edges
    where reason <> 'server'
),
of_value as (
    select
        holders.reason,
        holders.value,
        count(*) as confirmed_cases,
        min(holders.case_id) as first_case_id,
        max(holders.case_id) as last_case_id
    from holders
    inner join confirmed on holders.case_id = confirmed.case_id
    group by holders.reason, holders.value
),
others as (
    select
        holders.case_id,
        holders.reason,
        of_value.confirmed_cases
        - (confirmed.case_id is not null)::integer as confirmed_cases,
        case
            when of_value.first_case_id = holders.case_id then of_value.last_case_id
            else of_value.first_case_id
        end as other_case_id
    from holders
    inner join of_value
        on holders.reason = of_value.reason
        and holders.value = of_value.value
    left join confirmed on holders.case_id = confirmed.case_id
),
most as (
    select
        case_id,
        reason,
        other_case_id,
        list_max(list_filter($steps::bigint[], lambda step: step <= confirmed_cases)) as reached
    from others
    where confirmed_cases >= list_min($steps::bigint[])
    qualify row_number() over (
        partition by case_id
        order by reached desc, reason, other_case_id
    ) = 1
)
select
    cases.brand_id,
    cases.subject_key,
    [
        {
            'name': 'campaign.confirmed',
            'raw': most.reached::varchar,
            'says': 'People confirmed '
            || case when most.reached = 1 then 'a case' else most.reached || ' or more cases' end
            || ' with which it shares ' || case most.reason
                when 'bio' then 'its text about itself'
                when 'payment' then 'a payment address'
                when 'scripts' then 'a set of scripts'
                when 'domain' then 'its registrable domain'
                when 'series' then 'the pattern of its name'
                when 'by-hand' then 'a tie that a person made'
                else 'a ' || most.reason
            end || ' (' || most.other_case_id || ')'
        }
    ] as traits
from most
inner join cases on most.case_id = cases.case_id;
