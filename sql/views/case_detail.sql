-- Everything of a case in one row, with its reasons; the other views of cases start here.
-- Grain: one row per case. Key: case_id.
-- Reads: cases, bands, signals, matches, events, campaigns_by_picture. Read by: inbox, watchlist, find_cases, read_case.
create or replace view case_detail as
with
reasons as (
    select
        case_id,
        list(says order by contribution desc, position) as reasons
    from signals
    group by case_id
),
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
),
campaigns as (
    select
        case_id,
        max(cases) - 1 as same_picture
    from (
        select
            unnest(case_ids) as case_id,
            cases
        from campaigns_by_picture
    ) as of_a_campaign
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
    bands.rank as band_rank,
    cases.workflow,
    cases.subject_state,
    cases.reason_code,
    cases.assignee,
    cases.snooze_until,
    cases.snooze_on_change,
    cases.gates,
    coalesce(reasons.reasons, []) as reasons,
    coalesce(evidence.matches, 0) as matches,
    coalesce(evidence.sources, []) as sources,
    coalesce(history.events, 0) as events,
    -- Other cases of the brand whose subjects wear the same picture.
    coalesce(campaigns.same_picture, 0) as same_picture,
    cases.opened_at,
    cases.updated_at,
    cases.first_observed_at,
    cases.last_observed_at,
    cases.rank_version,
    cases.revision
from cases
inner join bands on cases.band = bands.band
left join reasons on cases.case_id = reasons.case_id
left join evidence on cases.case_id = evidence.case_id
left join history on cases.case_id = history.case_id
left join campaigns on cases.case_id = campaigns.case_id;
