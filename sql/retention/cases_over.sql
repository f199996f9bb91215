-- Cases that are over, and since when: all that people are done with. A case that is the double of
-- another is over no sooner than that one, and held while that one is: what is known of it is
-- evidence about the same thing. A handle and the account that it turned out to be are one both ways.
-- Grain: one row per case. Key: case_id.
-- Reads: cases, events. Read by: evidence_due.sql and subjects_kept.sql, as the view cases_over.
create or replace temporary view cases_over as
with recursive
alone as (
    select
        cases.case_id,
        cases.subject_key,
        cases.legal_hold,
        case
            when cases.workflow in ('dismissed', 'resolved', 'closed') then coalesce(
                max(events.happened_at)
                filter (events.kind in ('dismissed', 'resolved', 'closed')),
                cases.updated_at
            )
        end as over_since
    from cases
    left join events on cases.case_id = events.case_id
    group by cases.case_id, cases.subject_key, cases.legal_hold, cases.workflow, cases.updated_at
),
-- The last word counts: whatever was said to be a double and then something else is none.
doubled as (
    select
        events.case_id,
        max_by(events.data, events.seq) ->> 'duplicate_of' as other_case_id
    from events
    inner join cases on events.case_id = cases.case_id
    where events.kind = 'dismissed' and cases.reason_code = 'duplicate'
    group by events.case_id
),
leads as (
    select case_id, other_case_id from doubled where other_case_id is not null
    union
    select
        case_id,
        coalesce(data ->> 'into', data ->> 'joined') as other_case_id
    from events
    where kind = 'joined'
),
-- union, not union all: two cases may each be said to be the double of the other.
reached as (
    select case_id, case_id as other_case_id from alone
    union
    select reached.case_id, leads.other_case_id
    from reached
    inner join leads on reached.other_case_id = leads.case_id
)
select
    alone.case_id,
    alone.subject_key,
    bool_or(others.legal_hold) as legal_hold,
    case when count(*) = count(others.over_since) then max(others.over_since) end as over_since
from alone
inner join reached on alone.case_id = reached.case_id
inner join alone as others on reached.other_case_id = others.case_id
group by alone.case_id, alone.subject_key;
