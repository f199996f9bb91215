-- What the casebook already knows of each staged pair.
-- Grain: one row per brand and subject; the case's columns are null when it is none yet.
-- Key: (brand_id, subject_key).
-- Reads: staged_pairs, cases, signals, matches, profiles, hand_opened. Read by: namaak/casework/loading.py.
with
known_cases as (
    select cases.*
    from cases
    inner join staged_pairs
        on cases.brand_id = staged_pairs.brand_id
        and cases.subject_key = staged_pairs.subject_key
),
weighed as (
    select
        signals.case_id,
        list(signals.name order by signals.position) as signal_names,
        list(signals.contribution order by signals.position) as signal_contributions
    from signals
    inner join known_cases on signals.case_id = known_cases.case_id
    group by signals.case_id
),
latest as (
    select
        profiles.subject_key,
        profiles.state,
        case
            when profiles.subject_kind = 'app' then nullif(profiles.display_name, '')
            when profiles.handle <> ''
                then profiles.platform || '/@' || ltrim(profiles.handle, '@')
        end as subject
    from profiles
    where profiles.subject_key in (select subject_key from staged_pairs)
    qualify row_number() over (
        partition by profiles.subject_key order by profiles.version desc
    ) = 1
),
evidence as (
    select
        matches.case_id,
        count(*) filter (matches.suppressed is null) > 0 as had_evidence
    from matches
    inner join known_cases on matches.case_id = known_cases.case_id
    group by matches.case_id
)
select
    staged_pairs.brand_id,
    staged_pairs.subject_key,
    staged_pairs.subject_kind,
    staged_pairs.first_observed_at,
    staged_pairs.last_observed_at,
    staged_pairs.new_matches,
    known_cases.case_id,
    known_cases.brand_name,
    known_cases.subject,
    known_cases.domain,
    known_cases.series,
    known_cases.kind,
    known_cases.score,
    known_cases.evidence,
    known_cases.band,
    known_cases.confidence,
    known_cases.severity,
    known_cases.gates,
    known_cases.rank_version,
    known_cases.subject_state,
    known_cases.workflow,
    known_cases.reason_code,
    known_cases.assignee,
    known_cases.snooze_until,
    known_cases.snooze_on_change,
    known_cases.updated_at,
    known_cases.first_observed_at as first_known_at,
    known_cases.last_observed_at as last_known_at,
    known_cases.revision,
    coalesce(evidence.had_evidence, false) or hand_opened.case_id is not null as had_evidence,
    coalesce(weighed.signal_names, []) as signal_names,
    coalesce(weighed.signal_contributions, []) as signal_contributions,
    latest.state as profile_state,
    latest.subject as profile_subject
from staged_pairs
left join known_cases
    on staged_pairs.brand_id = known_cases.brand_id
    and staged_pairs.subject_key = known_cases.subject_key
left join weighed on known_cases.case_id = weighed.case_id
left join evidence on known_cases.case_id = evidence.case_id
left join hand_opened on known_cases.case_id = hand_opened.case_id
left join latest on staged_pairs.subject_key = latest.subject_key;
