-- Cases that are followed, the worst first: what was confirmed until it is gone, and what a person
-- wants to hear of when it changes. Or the cases that a person named, whatever they are.
-- Grain: one row per case. Key: case_id. Binds: named.
-- Reads: cases, bands, check_plans, checks, events, latest_profiles, pictures. Read by: candidates in
-- namaak/casework/followup/reading.py.
with
followed as (
    select *
    from cases
    where
        subject_kind in ('host', 'account', 'app')
        and case
            when len($named) > 0 then list_contains($named, case_id)
            else
                -- What is the brand's own now is there, and is no relapse.
                subject_state <> 'transferred'
                and (
                    workflow in ('confirmed', 'enforcing', 'reopened', 'watching', 'resolved')
                    or (workflow = 'snoozed' and snooze_on_change)
                    or (workflow = 'dismissed' and reason_code = 'weak-match')
                )
        end
),
stirred as (
    select
        case_id,
        max(happened_at) as stirred_at
    from events
    where
        kind in ('confirmed', 'enforced', 'reopened', 'watched', 'snoozed')
        or (kind = 'action-changed' and (data ->> 'to') = 'sent')
    group by case_id
),
checked as (
    select
        case_id,
        max(checked_at) as last_checked_at,
        max(checked_at) filter (state <> 'unknown') as last_told_at
    from checks
    group by case_id
),
worn as (
    select
        image_sha256,
        -- One of each: a picture of several frames has several.
        min(format('{:016x}{:016x}{:016x}{:016x}', phash[1], phash[2], phash[3], phash[4])) as phash
    from pictures
    where phash is not null
    group by image_sha256
)
select
    followed.case_id,
    followed.brand_id,
    followed.subject_key,
    followed.subject_kind,
    followed.subject,
    check_plans.due_at,
    check_plans.updated_at as planned_at,
    check_plans.baseline,
    stirred.stirred_at,
    checked.last_checked_at,
    checked.last_told_at,
    latest_profiles.last_seen_at as profile_seen_at,
    latest_profiles.state,
    latest_profiles.trust,
    latest_profiles.handle,
    latest_profiles.display_name,
    latest_profiles.bio,
    latest_profiles.url,
    latest_profiles.links,
    worn.phash
from followed
left join bands on followed.band = bands.band
left join check_plans on followed.case_id = check_plans.case_id
left join stirred on followed.case_id = stirred.case_id
left join checked on followed.case_id = checked.case_id
left join latest_profiles on followed.subject_key = latest_profiles.subject_key
left join worn on latest_profiles.image_sha256 = worn.image_sha256
order by
    list_position($named, followed.case_id),
    bands.rank desc,
    coalesce(followed.severity, followed.score) desc,
    followed.score desc,
    followed.case_id;
