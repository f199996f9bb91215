-- Cases that are over, and since when: all that people are done with.
-- Grain: one row per case. Key: case_id.
-- Reads: cases, events. Read by: evidence_due.sql and answers_kept.sql, as the view cases_over.
create or replace temporary view cases_over as
select
    cases.case_id,
    cases.subject_key,
    cases.legal_hold,
    case
        when cases.workflow in ('dismissed', 'resolved', 'closed') then coalesce(
            max(events.happened_at) filter (events.kind in ('dismissed', 'resolved', 'closed')),
            cases.updated_at
        )
    end as over_since
from cases
left join events on cases.case_id = events.case_id
group by cases.case_id, cases.subject_key, cases.legal_hold, cases.workflow, cases.updated_at;
