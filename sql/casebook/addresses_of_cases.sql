-- Addresses that anybody or anything told of these cases of hosts, as they were told: opening by hand,
-- notices that a person approved, visits, and looks that saw a page of its own there.
-- Grain: one row per address, by whom it was told and what led there. Key: none. Binds: cases.
-- Reads: cases, hand_opened, actions, action_cases, captures, checks, enrichments.
-- Read by: addresses_of in namaak/casework/followup/reading.py.
with
wanted as (
    select
        case_id,
        subject_key,
        subject
    from cases
    where subject_kind = 'host' and list_contains($cases, case_id)
),
by_hand as (
    select
        wanted.case_id,
        'person' as told_by,
        hand_opened.url,
        hand_opened.updated_at as told_at,
        null::varchar as led_from,
        false as asks,
        false as showed
    from wanted
    inner join hand_opened on wanted.case_id = hand_opened.case_id
),
demanded as (
    select
        wanted.case_id,
        'notice' as told_by,
        unnest((actions.fields ->> '$.urls[*]')::varchar[]) as url,
        actions.approved_at as told_at,
        null::varchar as led_from,
        false as asks,
        false as showed
    from wanted
    inner join action_cases on wanted.case_id = action_cases.case_id
    inner join actions on action_cases.action_id = actions.action_id
    where actions.approved_at is not null and actions.state <> 'withdrawn'
),
visited as (
    select
        captures.*,
        captures.outcome = 'ok' and captures.page_kind in ('content', 'not-html') as showed
    from wanted
    inner join captures on wanted.case_id = captures.case_id
),
begun as (
    select
        case_id,
        case when bool_or(showed) then 'capture' else 'visit' end as told_by,
        url,
        max(started_at) as told_at,
        null::varchar as led_from,
        false as asks,
        bool_or(showed) as showed
    from visited
    group by case_id, url
),
ended as (
    select
        case_id,
        'capture' as told_by,
        final_url as url,
        max(started_at) as told_at,
        url as led_from,
        false as asks,
        true as showed
    from visited
    where showed and final_url <> url
    group by case_id, final_url, url
),
pages_checked as (
    select
        checks.case_id,
        checks.checked_at,
        unnest(
            from_json(
                checks.addresses,
                '[{"url": "VARCHAR", "final_url": "VARCHAR", "state": "VARCHAR", "asks": "BOOLEAN"}]'
            ),
            recursive := true
        )
    from wanted
    inner join checks on wanted.case_id = checks.case_id
    where checks.addresses is not null
),
-- All that ever was there, however long ago: what hides behind a wall for some rounds, or behind
-- pages that come anew each time, would be forgotten by whoever keeps the last ones.
checked as (
    select
        case_id,
        'check' as told_by,
        final_url as url,
        max(checked_at) as told_at,
        url as led_from,
        bool_or(coalesce(asks, false)) as asks,
        false as showed
    from pages_checked
    where state = 'live' or asks
    group by case_id, final_url, url
),
looked_at as (
    select
        wanted.case_id,
        'look' as told_by,
        enrichments.facts ->> '$.url' as url,
        max(enrichments.asked_at) as told_at,
        'https://' || wanted.subject || '/' as led_from,
        bool_or(
            coalesce((enrichments.facts ->> '$.asks_password')::boolean, false)
            or coalesce((enrichments.facts ->> '$.asks_card')::boolean, false)
        ) as asks,
        true as showed
    from wanted
    inner join enrichments on wanted.subject_key = enrichments.subject_key
    where
        enrichments.aspect = 'page'
        and (enrichments.facts ->> '$.kind') in ('content', 'not-html')
    group by wanted.case_id, wanted.subject, enrichments.facts ->> '$.url'
),
told as (
    select * from by_hand
    union all by name
    select * from demanded
    union all by name
    select * from begun
    union all by name
    select * from ended
    union all by name
    select * from checked
    union all by name
    select * from looked_at
)
select
    case_id,
    told_by,
    url,
    told_at,
    led_from,
    asks,
    showed
from told
where url is not null
order by case_id, told_by, told_at desc, url;
