-- What only the casebook knows of each profile: that it links to a host that is a case of the same
-- brand, and that another case of the brand gives the same payment address, contact, link or text.
-- Also how far its voice reaches, in steps, so that a few followers more change nothing.
-- What very many give, for several brands, or what a brand's own account gives, ties nobody.
-- Grain: one row per brand and subject that was read. Key: (brand_id, subject_key). Binds: steps.
-- Reads: profile_traits, profile_subjects, profile_ties, profiles, cases, bands.
-- Read by: stage_tied_pairs.sql, update_ties.sql.
create or replace temporary table staged_ties as
with
live_cases as (
    select cases.*
    from cases
    where
        cases.workflow <> 'dismissed'
        and coalesce(cases.reason_code, '') = ''
        and cases.band <> 'none'
),
hosts as (
    select
        profile_traits.brand_id,
        profile_traits.subject_key,
        profile_ties.value as host,
        -- The host itself, and every name that it lies below.
        unnest(
            list_transform(
                range(1, length(profile_ties.value) - length(replace(profile_ties.value, '.', '')) + 1),
                lambda part: array_to_string(string_split(profile_ties.value, '.')[part:], '.')
            )
        ) as name
    from profile_traits
    inner join profile_ties on profile_traits.subject_key = profile_ties.subject_key
    where profile_ties.kind = 'host'
),
-- Two joins by equality: one with `or` would compare each host with each case.
met as (
    select
        hosts.brand_id,
        hosts.subject_key,
        hosts.host,
        live_cases.case_id
    from hosts
    inner join live_cases
        on hosts.brand_id = live_cases.brand_id
        and live_cases.subject_key = 'host:' || hosts.host
    where hosts.name = hosts.host
    union
    select
        hosts.brand_id,
        hosts.subject_key,
        hosts.host,
        live_cases.case_id
    from hosts
    inner join live_cases
        on hosts.brand_id = live_cases.brand_id
        and hosts.name = live_cases.domain
    where live_cases.subject_kind = 'host'
),
linked as (
    select
        met.brand_id,
        met.subject_key,
        met.host,
        live_cases.case_id,
        live_cases.subject,
        live_cases.band,
        bands.rank,
        live_cases.score
    from met
    inner join live_cases on met.case_id = live_cases.case_id
    inner join bands on live_cases.band = bands.band
),
worst_link as (
    select
        brand_id,
        subject_key,
        {
            'name': 'profile.links-lookalike',
            'raw': host,
            'says': 'It links to ' || host
            || case when host = subject then ', a case' else ', below the domain of ' || subject || ', a case' end
            || ' of ours (' || band || ')'
        } as trait
    from linked
    qualify row_number() over (
        partition by brand_id, subject_key
        order by rank desc, score desc, host, case_id
    ) = 1
),
own_values as (
    select distinct
        profile_ties.kind,
        profile_ties.value
    from profile_ties
    inner join profile_subjects on profile_ties.subject_key = profile_subjects.subject_key
    where profile_subjects.own
),
given as (
    select
        live_cases.brand_id,
        live_cases.subject_key,
        live_cases.case_id,
        live_cases.subject,
        live_cases.opened_at,
        profile_ties.kind,
        profile_ties.value,
        profile_ties.shown
    from profile_ties
    inner join live_cases on profile_ties.subject_key = live_cases.subject_key
    left join own_values
        on profile_ties.kind = own_values.kind
        and profile_ties.value = own_values.value
    where profile_ties.kind <> 'host' and own_values.value is null
),
counted as (
    select
        kind,
        value
    from given
    group by kind, value
    having
        count(distinct subject_key) >= 2
        and (count(distinct brand_id) = 1 or count(distinct subject_key) <= 10)
),
-- The first other case stands for all, by its id, which no order of loading changes: more of them
-- change nothing. So two of each value will do, however many give it: whoever is the first himself
-- has the second.
first_two as (
    select *
    from given
    where (kind, value) in (select (kind, value) from counted)
    qualify row_number() over (
        partition by brand_id, kind, value
        order by case_id
    ) <= 2
),
shared as (
    select
        one.brand_id,
        one.subject_key,
        one.kind,
        one.shown,
        other.subject,
        other.case_id,
        case one.kind when 'payment' then 1 when 'contact' then 2 when 'link' then 3 else 4 end
            as place
    from given as one
    inner join first_two as other
        on one.brand_id = other.brand_id
        and one.kind = other.kind
        and one.value = other.value
        and one.subject_key <> other.subject_key
    qualify row_number() over (
        partition by one.brand_id, one.subject_key
        order by place, one.value, other.case_id
    ) = 1
),
shares as (
    select
        brand_id,
        subject_key,
        {
            'name': 'profile.shares-contact',
            'raw': case kind when 'bio' then 'text' else shown end,
            'says': case kind
                when 'payment' then 'It names the payment address ' || shown || ', as '
                when 'contact' then 'It gives the contact ' || shown || ', as '
                when 'link' then 'It links to ' || shown || ', as '
                else 'It says of itself the same as '
            end || subject || ' does, another case of ours (' || case_id || ')'
        } as trait
    from shared
),
latest as (
    select
        subject_key,
        list_max(list_filter($steps::bigint[], lambda step: step <= followers)) as reached
    from profiles
    qualify row_number() over (
        partition by subject_key
        order by version desc
    ) = 1
),
reaches as (
    select
        subject_key,
        {
            'name': 'profile.reach',
            'raw': reached::varchar,
            'says': 'It has ' || format('{:,}', reached) || ' followers or more'
        } as trait
    from latest
    where reached is not null
)
select
    profile_traits.brand_id,
    profile_traits.subject_key,
    list_filter([worst_link.trait, shares.trait, reaches.trait], lambda trait: trait is not null) as ties
from profile_traits
left join worst_link
    on profile_traits.brand_id = worst_link.brand_id
    and profile_traits.subject_key = worst_link.subject_key
left join shares
    on profile_traits.brand_id = shares.brand_id
    and profile_traits.subject_key = shares.subject_key
left join reaches on profile_traits.subject_key = reaches.subject_key;
