-- Why cases are taken to be of one hand: each pair of cases that share something few others have.
-- What a brand's own account gives or wears ties nobody; nor does what more than ten subjects of
-- several brands have, or, of what hosting companies give to many, more than twenty. Where more than
-- twelve cases share a value they are tied to the first of them, by its id, and not each to each.
-- What a person said goes before: two that are kept apart are tied by nothing that they share, a case
-- that is to stand alone by nothing that it shares with anybody.
-- Grain: one row per pair of cases, reason and value. Key: (one_case_id, other_case_id, reason,
-- value).
-- Reads: cases, worn_pictures, profiles, profile_subjects, profile_ties, host_details, manual_ties.
-- Read by: insert_campaign_edges.sql, campaigns_changed.sql.
create or replace temporary table staged_edges as
with
tied_cases as (
    select *
    from cases
    where
        workflow <> 'dismissed'
        and not (workflow = 'closed' and reason_code is not null)
        and band <> 'none'
        and subject_kind <> 'image'
        -- Here and not after: of a value that many share all are tied to one, which must not be it.
        and case_id not in (
            select one_case_id
            from manual_ties
            where verdict = 'apart' and one_case_id = other_case_id
        )
),
own_looks as (
    select distinct worn_pictures.look
    from profile_subjects
    inner join profiles on profile_subjects.subject_key = profiles.subject_key
    inner join worn_pictures on profiles.image_sha256 = worn_pictures.image_sha256
    where profile_subjects.own
),
own_values as (
    select distinct
        profile_ties.kind,
        profile_ties.value
    from profile_ties
    inner join profile_subjects on profile_ties.subject_key = profile_subjects.subject_key
    where profile_subjects.own
),
pictures_worn as (
    select distinct
        'picture' as reason,
        worn_pictures.look as value,
        left(worn_pictures.look, 12) as shown,
        tied_cases.case_id
    from worn_pictures
    inner join tied_cases
        on worn_pictures.brand_id = tied_cases.brand_id
        and worn_pictures.subject_key = tied_cases.subject_key
    where
        worn_pictures.hashed
        and worn_pictures.mostly_imitators
        and worn_pictures.look not in (select look from own_looks)
),
profiles_give as (
    select
        profile_ties.kind as reason,
        profile_ties.value,
        profile_ties.shown,
        tied_cases.case_id
    from profile_ties
    inner join tied_cases on profile_ties.subject_key = tied_cases.subject_key
    left join own_values
        on profile_ties.kind = own_values.kind
        and profile_ties.value = own_values.value
    where profile_ties.kind in ('bio', 'link', 'contact', 'payment') and own_values.value is null
),
hosts_have as (
    select
        'certificate' as reason,
        certificate_sha256 as value,
        left(certificate_sha256, 12) as shown,
        subject_key
    from host_details
    union all
    select
        'favicon' as reason,
        unnest(list_distinct(list_transform(icons, lambda icon: icon.sha256))) as value,
        left(value, 12) as shown,
        subject_key
    from host_details
    union all
    select
        'tracker' as reason,
        unnest(list_distinct(trackers)) as value,
        value as shown,
        subject_key
    from host_details
    union all
    select
        'scripts' as reason,
        script_set as value,
        left(script_set, 12) as shown,
        subject_key
    from host_details
    union all
    select
        'server' as reason,
        unnest(list_distinct(addresses)) as value,
        value as shown,
        subject_key
    from host_details
),
names_have as (
    select
        'domain' as reason,
        domain as value,
        domain as shown,
        case_id
    from tied_cases
    where domain is not null
    union all
    select
        'series' as reason,
        brand_id || '/' || series as value,
        series as shown,
        case_id
    from tied_cases
    where series is not null
),
given as (
    select reason, value, shown, case_id from pictures_worn
    union all
    select reason, value, shown, case_id from profiles_give
    union all
    select
        hosts_have.reason,
        hosts_have.value,
        hosts_have.shown,
        tied_cases.case_id
    from hosts_have
    inner join tied_cases on hosts_have.subject_key = tied_cases.subject_key
    where hosts_have.value is not null and hosts_have.value <> ''
    union all
    select reason, value, shown, case_id from names_have
),
counted as (
    select
        given.reason,
        given.value,
        min(given.shown) as shown,
        count(distinct given.case_id)::integer as shared_by
    from given
    inner join tied_cases on given.case_id = tied_cases.case_id
    group by given.reason, given.value
    having
        count(distinct tied_cases.subject_key) >= 2
        and (
            count(distinct tied_cases.brand_id) = 1
            -- A telephone number or a purse is somebody's own, however many brands he poses as.
            or count(distinct tied_cases.subject_key)
            <= case when given.reason in ('contact', 'payment') then 200 else 10 end
        )
        and (
            given.reason not in ('certificate', 'favicon', 'tracker', 'scripts', 'server')
            or count(distinct tied_cases.subject_key) <= 20
        )
),
members as (
    select
        counted.reason,
        counted.value,
        counted.shown,
        counted.shared_by,
        given.case_id,
        row_number() over (
            partition by counted.reason, counted.value
            order by given.case_id
        ) as place
    from counted
    inner join (select distinct reason, value, case_id from given) as given
        on counted.reason = given.reason
        and counted.value = given.value
    inner join tied_cases on given.case_id = tied_cases.case_id
),
-- Chosen before the join: so of a value that thousands share not each is held against each.
tied_from as (
    select *
    from members
    where shared_by <= 12 or place = 1
),
shared as (
    select
        one.case_id as one_case_id,
        other.case_id as other_case_id,
        one.reason,
        one.value,
        case one.reason
            when 'picture' then 'Both wear the same picture'
            when 'bio' then 'Both say the same of themselves'
            when 'link' then 'Both link to ' || one.shown
            when 'contact' then 'Both give the contact ' || one.shown
            when 'payment' then 'Both name the payment address ' || one.shown
            when 'certificate' then 'Both show the certificate ' || one.shown
            when 'favicon' then 'Both show the favicon ' || one.shown
            when 'tracker' then 'Both carry the tracker ' || one.shown
            when 'scripts' then 'Both load the same set of scripts'
            when 'server' then 'Both are at the address ' || one.shown
            when 'domain' then 'Both are names of ' || one.shown
            else 'Both are named by the pattern ' || one.shown
        end as says,
        one.shared_by
    from tied_from as one
    inner join members as other
        on one.reason = other.reason
        and one.value = other.value
        and one.place < other.place
),
linked_names as (
    select
        tied_cases.case_id,
        tied_cases.subject,
        tied_cases.opened_at,
        profile_ties.value as host,
        unnest(
            list_transform(
                range(1, length(profile_ties.value) - length(replace(profile_ties.value, '.', '')) + 1),
                lambda part: array_to_string(string_split(profile_ties.value, '.')[part:], '.')
            )
        ) as name
    from profile_ties
    inner join tied_cases on profile_ties.subject_key = tied_cases.subject_key
    where profile_ties.kind = 'host'
),
links_to as (
    select
        linked_names.case_id,
        linked_names.subject,
        linked_names.opened_at,
        linked_names.host,
        hosts.case_id as host_case_id,
        hosts.opened_at as host_opened_at
    from linked_names
    inner join tied_cases as hosts on hosts.subject_key = 'host:' || linked_names.host
    where linked_names.name = linked_names.host
    union
    select
        linked_names.case_id,
        linked_names.subject,
        linked_names.opened_at,
        linked_names.host,
        hosts.case_id as host_case_id,
        hosts.opened_at as host_opened_at
    from linked_names
    inner join tied_cases as hosts on linked_names.name = hosts.domain
    where hosts.subject_kind = 'host'
),
found as (
    select
        one_case_id,
        other_case_id,
        reason,
        value,
        says,
        shared_by
    from shared
    union all
    select
        case
            when (opened_at, case_id) <= (host_opened_at, host_case_id) then case_id
            else host_case_id
        end as one_case_id,
        case
            when (opened_at, case_id) <= (host_opened_at, host_case_id) then host_case_id
            else case_id
        end as other_case_id,
        'links-to' as reason,
        host as value,
        subject || ' links to ' || host as says,
        (count(*) over (partition by host_case_id, host) + 1)::integer as shared_by
    from links_to
),
kept_apart as (
    select one_case_id, other_case_id
    from manual_ties
    where verdict = 'apart'
),
said as (
    select
        manual_ties.one_case_id,
        manual_ties.other_case_id,
        'by-hand' as reason,
        'by-hand' as value,
        manual_ties.actor || ' says that they belong together' as says,
        2 as shared_by
    from manual_ties
    inner join cases as one on manual_ties.one_case_id = one.case_id
    inner join cases as other on manual_ties.other_case_id = other.case_id
    where
        manual_ties.verdict = 'together'
        and one.workflow <> 'dismissed'
        and other.workflow <> 'dismissed'
        and not (one.workflow = 'closed' and one.reason_code is not null)
        and not (other.workflow = 'closed' and other.reason_code is not null)
)
select
    one_case_id,
    other_case_id,
    reason,
    value,
    says,
    shared_by
from found
where
    (least(one_case_id, other_case_id), greatest(one_case_id, other_case_id)) not in (
        select (one_case_id, other_case_id)
        from kept_apart
    )
union all
select
    one_case_id,
    other_case_id,
    reason,
    value,
    says,
    shared_by
from said;
