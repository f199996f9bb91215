-- Accounts and apps of cases on one platform that a source should look up again: what is over too,
-- because it may come back, but not what was dismissed. A handle that turned out to be an account's
-- is looked up as that account, whatever became of the handle's own case.
-- Grain: one row per subject. Key: subject_key. Binds: platform.
-- Reads: cases, events, latest_profiles. Read by: accounts_to_look_again in
-- namaak/casework/reading.py.
with
joined as (
    select
        case_id,
        max_by(data ->> 'into', seq) as into_case_id
    from events
    where kind = 'joined' and (data ->> 'into') is not null
    group by case_id
),
meant as (
    select
        coalesce(account.subject_key, cases.subject_key) as subject_key,
        cases.subject_kind,
        cases.score,
        cases.workflow <> 'dismissed'
        and not (cases.workflow = 'closed' and cases.reason_code is not null) as is_cared_for,
        coalesce(
            account.workflow <> 'dismissed'
            and not (account.workflow = 'closed' and account.reason_code is not null),
            false
        ) as is_as_account
    from cases
    left join joined on cases.case_id = joined.case_id
    left join cases as account on joined.into_case_id = account.case_id
    where
        cases.subject_kind in ('account', 'app')
        and split_part(cases.subject_key, ':', 2) = $platform
),
wanted as (
    select
        subject_key,
        subject_kind,
        max(score) as score
    from meant
    where is_cared_for or is_as_account
    group by subject_key, subject_kind
),
named as (
    select
        wanted.subject_key,
        wanted.subject_kind,
        wanted.score,
        -- What stands behind the second colon; an id may hold more of them.
        substring(
            wanted.subject_key,
            length(wanted.subject_kind) + length($platform) + 3
        ) as native
    from wanted
)
select
    named.subject_key,
    coalesce(
        latest_profiles.native_id,
        case when named.subject_kind = 'app' or not starts_with(named.native, '@') then named.native end
    ) as native_id,
    coalesce(
        latest_profiles.handle,
        case when named.subject_kind = 'account' and starts_with(named.native, '@') then named.native[2:] end
    ) as handle
from named
left join latest_profiles on named.subject_key = latest_profiles.subject_key
order by named.score desc, named.subject_key;
