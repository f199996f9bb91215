-- Everything of a case in one row, with its reasons and how much there is of it. Lists of many cases
-- read `cases` itself, which holds what they show.
-- Grain: one row per case. Key: case_id.
-- Reads: cases, bands, matches, events. Read by: read_case, staff.
create or replace view case_detail as
with
evidence as (
    select
        case_id,
        count(*) as matches,
        list(distinct source order by source) as sources
    from matches
    group by case_id
),
history as (
    select
        case_id,
        count(*) as events
    from events
    group by case_id
)
select
    cases.case_id,
    cases.brand_id,
    cases.brand_name,
    cases.subject_key,
    cases.subject_kind,
    cases.subject,
    cases.domain,
    cases.series,
    cases.kind,
    cases.score,
    cases.evidence,
    cases.band,
    cases.confidence,
    cases.severity,
    bands.rank as band_rank,
    cases.workflow,
    cases.subject_state,
    cases.reason_code,
    cases.assignee,
    cases.snooze_until,
    cases.snooze_on_change,
    cases.legal_hold,
    cases.down_since,
    cases.relapses,
    cases.gates,
    coalesce(from_json(cases.reasons, '["varchar"]'), []) as reasons,
    coalesce(evidence.matches, 0) as matches,
    coalesce(evidence.sources, []) as sources,
    coalesce(history.events, 0) as events,
    coalesce(cases.same_picture, 0) as same_picture,
    cases.opened_at,
    cases.updated_at,
    cases.first_observed_at,
    cases.last_observed_at,
    cases.rank_version,
    cases.revision
from cases
inner join bands on cases.band = bands.band
left join evidence on cases.case_id = evidence.case_id
left join history on cases.case_id = history.case_id;
