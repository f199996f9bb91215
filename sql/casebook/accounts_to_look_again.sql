-- Accounts and apps of cases on one platform that a source should look up again: what is over too,
-- because it may come back, but not what was dismissed or is another case by now.
-- Grain: one row per subject. Key: subject_key. Binds: platform.
-- Reads: cases, latest_profiles. Read by: accounts_to_look_again in namaak/casework/reading.py.
with
wanted as (
    select
        subject_key,
        subject_kind,
        max(score) as score
    from cases
    where
        subject_kind in ('account', 'app')
        and split_part(subject_key, ':', 2) = $platform
        and workflow <> 'dismissed'
        and not (workflow = 'closed' and reason_code is not null)
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
