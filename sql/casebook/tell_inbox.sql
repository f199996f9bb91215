-- Says of the series of touched cases which case stands for it in the inbox, and for how many
-- others. Of a series, names of one pattern for one brand, that is the worst case that needs a person.
-- Grain: one row per case. Key: case_id.
-- Reads: touched_cases (Arrow), cases, bands. Read by: namaak/casework/working.py.
update cases
set inbox_more = told.inbox_more
from (
    with
    touched_series as (
        select distinct
            cases.brand_id,
            coalesce(cases.series, cases.case_id) as series
        from cases
        where cases.case_id in (select touched_cases.case_id from touched_cases)
    ),
    in_series as (
        select
            cases.case_id,
            cases.brand_id,
            coalesce(cases.series, cases.case_id) as series,
            bands.rank,
            cases.score,
            cases.evidence,
            -- 2 is review: below it a case waits on the watchlist until its evidence grows.
            bands.rank >= 2 and cases.workflow in ('new', 'triage', 'reopened') as needs_a_person
        from cases
        inner join bands on cases.band = bands.band
        inner join touched_series
            on cases.brand_id = touched_series.brand_id
            and coalesce(cases.series, cases.case_id) = touched_series.series
    ),
    placed as (
        select
            case_id,
            count(*) over same_series - 1 as more,
            row_number() over (
                same_series
                order by rank desc, score desc, evidence desc nulls last, case_id
            ) as place
        from in_series
        where needs_a_person
        window same_series as (partition by brand_id, series)
    )
    select
        in_series.case_id,
        case when placed.place = 1 then placed.more end as inbox_more
    from in_series
    left join placed on in_series.case_id = placed.case_id
) as told
where cases.case_id = told.case_id and cases.inbox_more is distinct from told.inbox_more;
