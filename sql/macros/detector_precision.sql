-- Of the cases that people decided, how many were right, for each detector and way of resembling
-- the brand. Decided is confirmed, or dismissed because it was none (unrelated, weak, fan or
-- parody); the brand's own, licensed and duplicate say nothing of a detector and are counted apart.
-- Bounds: 95 % after Wilson (1927), because few decisions prove little. Verdicts exist only for what
-- was shown to people, so that this is no recall. Takes a brand; null is all.
-- Grain: one row per detector and kind of resemblance. Key: (detector, resemblance).
-- Reads: matches, events. Read by: the report of measures, staff.
create or replace macro detector_precision(of_brand) as table (
    with
    verdicts as (
        select
            case_id,
            arg_max(kind, case_seq) as verdict,
            arg_max(json_extract_string(data, '$.reason_code'), case_seq) as reason_code
        from events
        where kind in ('confirmed', 'dismissed') and not starts_with(actor, 'flow:')
        group by case_id
    ),
    found as (
        select distinct
            case_id,
            -- The version after it changes with every table.
            split_part(detector, '.', 1) as detector,
            resemblance
        from matches
        where
            case_id is not null
            and suppressed is null
            and (of_brand is null or brand_id = of_brand)
    ),
    counted as (
        select
            found.detector,
            found.resemblance,
            count(*) filter (verdicts.verdict = 'confirmed') as confirmed,
            count(*) filter (
                verdicts.verdict = 'dismissed'
                and coalesce(verdicts.reason_code, '') not in ('own-asset', 'licensed', 'duplicate')
            ) as dismissed,
            count(*) filter (
                verdicts.verdict = 'dismissed'
                and verdicts.reason_code in ('own-asset', 'licensed', 'duplicate')
            ) as set_aside
        from found
        inner join verdicts on found.case_id = verdicts.case_id
        group by found.detector, found.resemblance
    ),
    shares as (
        select
            *,
            confirmed + dismissed as reviewed,
            confirmed / nullif(confirmed + dismissed, 0) as share
        from counted
    )
    select
        detector,
        resemblance,
        reviewed,
        confirmed,
        dismissed,
        set_aside,
        round(share, 4) as precision,
        round(
            (share + 1.92 / reviewed - 1.96 * sqrt(share * (1 - share) / reviewed + 0.9604 / reviewed ** 2))
            / (1 + 3.8416 / reviewed), 4
        ) as at_least,
        round(
            (share + 1.92 / reviewed + 1.96 * sqrt(share * (1 - share) / reviewed + 0.9604 / reviewed ** 2))
            / (1 + 3.8416 / reviewed), 4
        ) as at_most
    from shares
    order by reviewed desc, detector, resemblance
);
