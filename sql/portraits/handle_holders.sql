-- Who was seen under the handles that other sources know without an id: the stretches of sightings
-- of each account under one such handle, and whether it was seen under another before and after.
-- Grain: one row per handle-only key, account and stretch. Key: (alias_key, subject_key, first_at).
-- Reads: observation_rows. Read by: namaak/portraits/identities.py.
with
accounts as (
    select
        subject_key,
        platform,
        native_id,
        lower(ltrim(handle, '@')) as handle,
        created_at,
        least(coalesce(source_time, observed_at), observed_at) as seen_at
    from observation_rows
    where subject_kind = 'account' and handle is not null
),
aliases as (
    select distinct
        subject_key as alias_key,
        platform,
        handle
    from accounts
    where native_id is null
),
holders as (
    select distinct accounts.subject_key
    from accounts
    inner join aliases
        on accounts.platform = aliases.platform
        and accounts.handle = aliases.handle
    where accounts.native_id is not null
),
sighted as (
    select
        accounts.subject_key,
        accounts.platform,
        accounts.handle,
        accounts.created_at,
        accounts.seen_at,
        accounts.handle is distinct from lag(accounts.handle) over (
            partition by accounts.subject_key order by accounts.seen_at, accounts.handle
        ) as begins
    from accounts
    inner join holders on accounts.subject_key = holders.subject_key
),
numbered as (
    select
        *,
        count(*) filter (begins) over (
            partition by subject_key order by seen_at, handle
            rows between unbounded preceding and current row
        ) as stretch
    from sighted
),
stretches as (
    select
        subject_key,
        platform,
        handle,
        stretch,
        min(seen_at) as first_at,
        max(seen_at) as last_at,
        min(created_at) as created_at,
        stretch > 1 as renamed_before,
        stretch < max(stretch) over (partition by subject_key) as renamed_after
    from numbered
    group by subject_key, platform, handle, stretch
)
select
    aliases.alias_key,
    stretches.subject_key,
    stretches.first_at,
    stretches.last_at,
    stretches.created_at,
    stretches.renamed_before,
    stretches.renamed_after
from stretches
inner join aliases
    on stretches.platform = aliases.platform
    and stretches.handle = aliases.handle
order by aliases.alias_key, stretches.first_at, stretches.last_at, stretches.subject_key;
