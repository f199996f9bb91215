-- Fills an empty casebook with cases, their signals and matches, all at once, for the benchmark; the
-- history is made by the program, because it is hashed.
-- Grain: none. Key: none. Reads: the variables now and signals_per_case, made_cases (Arrow).
-- Read by: benchmarks/casework.py.
insert into cases by name
select
    case_id,
    'brand-' || (number % 500) as brand_id,
    'Brand ' || (number % 500) as brand_name,
    'host:' || host as subject_key,
    'host' as subject_kind,
    host as subject,
    host as domain,
    -- Three names of one pattern, as campaigns have them.
    'series' || (number // 1500) as series,
    ['combosquat', 'typosquat', 'homograph', 'level-squat'][1 + number % 4] as kind,
    chance as score,
    chance / 10.0 - 4 as evidence,
    case
        when chance >= 95 then 'critical'
        when chance >= 80 then 'high'
        when chance >= 50 then 'review'
        else 'watch'
    end as band,
    case
        when number % 10 < 8 then 'new'
        when number % 10 = 8 then 'confirmed'
        else 'dismissed'
    end as workflow,
    'unknown' as subject_state,
    case when number % 10 = 9 then 'unrelated' end as reason_code,
    false as snooze_on_change,
    [] as gates,
    getvariable('now') - to_minutes(number) as opened_at,
    getvariable('now') - to_minutes(number) as updated_at,
    getvariable('now') - to_minutes(number) as first_observed_at,
    getvariable('now') - to_minutes(number) as last_observed_at,
    false as legal_hold,
    0 as relapses,
    'benchmark' as rank_version,
    1 as revision
from (
    select
        number,
        case_id,
        host,
        (hash(number) % 100)::integer as chance
    from made_cases
) as made;

insert into signals by name
select
    case_id,
    (number % getvariable('signals_per_case'))::integer as position,
    'name.signal-' || (number % getvariable('signals_per_case')) as name,
    'It says one thing about ' || (hash(number) % 100000) || ' and how it was seen' as says,
    (hash(number) % 100000)::varchar as raw,
    1.1 as weight,
    (hash(number) % 400) / 100.0 - 2 as contribution,
    'names-3.abcdef12' as detector
from (
    select
        made_cases.case_id,
        made_cases.number * getvariable('signals_per_case') + places.range as number
    from made_cases
    cross join range(getvariable('signals_per_case')) as places
) as made;

insert into matches by name
select
    md5('match' || cases.case_id) as match_id,
    cases.case_id,
    'benchmark' as batch_id,
    cases.brand_id,
    cases.subject_key,
    cases.subject_kind,
    'files' as source,
    'benchmark' as instance,
    0 as position,
    cases.first_observed_at as observed_at,
    'host' as field,
    cases.subject as value,
    cases.brand_name as term,
    cases.kind as resemblance,
    'edge' as place,
    0 as distance,
    1.0 as strength,
    0 as span_start,
    5 as span_end,
    [] as layers,
    ['access:login'] as lures,
    [] as traits,
    'names-3.abcdef12' as detector,
    't/1' as tables
from cases;
