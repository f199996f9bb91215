-- What happened to cases that somebody is to be told of at once, and was not told of yet.
-- A series or campaign that came in together is told of together, so its name comes along. The same
-- thing of the same case is told once a day: a page that is switched off and on again rings nobody
-- thirty times, and what came after waits for the next day.
-- Grain: one row per event. Key: hash. Binds: since, band (the lowest), attempts (the most),
-- day_began.
-- Reads: events, cases, bands, alerts, campaign_members. Read by: events_to_tell.
select
    events.hash,
    events.kind,
    events.happened_at,
    events.data,
    cases.case_id,
    cases.brand_id,
    cases.brand_name,
    cases.subject,
    cases.subject_kind,
    cases.band,
    cases.score,
    cases.workflow,
    coalesce(campaign_members.campaign_id, cases.brand_id || ' ' || cases.series, cases.case_id)
        as together
from events
inner join cases on events.case_id = cases.case_id
inner join bands on cases.band = bands.band
left join campaign_members on cases.case_id = campaign_members.case_id
left join alerts on events.hash = alerts.alert_id
where
    events.kind in ('opened', 'relapsed', 'returned', 'changed', 'down', 'proposed', 'replied')
    and events.happened_at >= $since
    and (alerts.alert_id is null or (alerts.outcome = 'failed' and alerts.attempts < $attempts))
    and not exists (
        select 1
        from alerts as others
        where
            others.case_id = events.case_id
            and others.kind = events.kind
            and others.outcome = 'told'
            and others.told_at >= $day_began
    )
    -- A new case that the ranking thinks little of waits for the digest; one that people work on,
    -- or have worked on, does not.
    and (
        (
            events.kind = 'opened'
            and bands.rank >= (select rank from bands where band = $band)
            and cases.workflow in ('new', 'triage', 'reopened')
        )
        or (events.kind <> 'opened' and cases.workflow not in ('new', 'closed'))
    )
order by bands.rank desc, events.happened_at, events.hash;
