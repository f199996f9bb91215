-- Who was seen under the handles that other sources know without an id: the stretches of sightings
-- of each account under one such handle, and whether it was seen under another before and after.
-- Only the platform's own word counts, and the operator's; where nobody but the account itself says
-- that it holds a handle, its first claims stand here as such. Handles that neither resembled a brand
-- nor were those of an account that did are left out: very many more are seen than ever matter.
-- Grain: one row per handle-only key, account and stretch. Key: (alias_key, subject_key, first_at).
-- Binds: most_claims. Reads: observation_rows, resembling. Read by: namaak/portraits/identities.py.
with
nameless as not materialized (
    select
        subject_key as alias_key,
        platform,
        lower(ltrim(handle, '@')) as handle
    from observation_rows
    where subject_kind = 'account' and handle is not null and native_id is null
),
named as not materialized (
    select
        subject_key,
        platform,
        lower(ltrim(handle, '@')) as handle,
        created_at,
        coalesce(trust = 'platform', true) as believed,
        least(coalesce(source_time, observed_at), observed_at) as seen_at
    from observation_rows
    where subject_kind = 'account' and handle is not null and native_id is not null
),
worn as (
    select distinct
        platform,
        handle
    from named
    where believed and subject_key in (select subject_key from resembling)
),
aliases as (
    select distinct
        alias_key,
        platform,
        handle
    from nameless
    where
        alias_key in (select subject_key from resembling)
        or (platform, handle) in (select (platform, handle) from worn)
),
holders as (
    select distinct named.subject_key
    from named
    inner join aliases
        on named.platform = aliases.platform
        and named.handle = aliases.handle
    where named.believed
),
-- The first entry in a directory of accounts is nobody's claim; of others the latest is taken,
-- because whoever writes it himself makes himself old.
born as (
    select
        subject_key,
        coalesce(
            min(created_at) filter (entry_type = 'plc'),
            max(created_at) filter (coalesce(trust = 'platform', true))
        ) as created_at
    from observation_rows
    where created_at is not null and subject_key in (select subject_key from holders)
    group by subject_key
),
sighted as (
    select
        named.*,
        named.handle is distinct from lag(named.handle) over (
            partition by named.subject_key order by named.seen_at, named.handle
        ) as begins
    from named
    inner join holders on named.subject_key = holders.subject_key
    where named.believed
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
        stretch > 1 as renamed_before,
        stretch < max(stretch) over (partition by subject_key) as renamed_after
    from numbered
    group by subject_key, platform, handle, stretch
),
held as (
    select
        aliases.alias_key,
        stretches.subject_key,
        stretches.first_at,
        stretches.last_at,
        born.created_at,
        stretches.renamed_before,
        stretches.renamed_after,
        false as is_claim
    from stretches
    inner join aliases
        on stretches.platform = aliases.platform
        and stretches.handle = aliases.handle
    left join born on stretches.subject_key = born.subject_key
),
claimed as (
    select
        aliases.alias_key,
        named.subject_key,
        min(named.seen_at) as first_at,
        max(named.seen_at) as last_at,
        null::timestamptz as created_at,
        false as renamed_before,
        false as renamed_after,
        true as is_claim
    from named
    inner join aliases
        on named.platform = aliases.platform
        and named.handle = aliases.handle
    where not named.believed and aliases.alias_key not in (select alias_key from held)
    group by aliases.alias_key, named.subject_key
    -- Anybody may claim any handle, any number of times.
    qualify row_number() over (
        partition by aliases.alias_key order by min(named.seen_at), named.subject_key
    ) <= $most_claims
)
select * from held
union all by name
select * from claimed
order by alias_key, first_at, last_at, subject_key;
