-- The accounts and apps whose profiles are kept: what resembles a brand, now or before, and the
-- brands' own. Fresh is what was not read yet, and both sides of a handle that turned out to be an
-- account's while profiles stand under the handle.
-- Grain: one row per subject. Key: subject_key.
-- Reads: incoming_profile_subjects (Arrow), incoming_aliases (Arrow), profile_subjects, matches,
-- profiles. Read by: Profiles.wanted_profiles.
with
misplaced as (
    select
        incoming_aliases.alias_key,
        incoming_aliases.subject_key
    from incoming_aliases
    inner join profiles
        on incoming_aliases.alias_key = profiles.subject_key
        and profiles.first_seen_at < incoming_aliases.held_to
        and profiles.last_seen_at >= incoming_aliases.held_from
    where incoming_aliases.outcome = 'same'
),
stirred as (
    select alias_key as subject_key from misplaced
    union
    select subject_key from misplaced
),
known as (
    select distinct subject_key
    from profile_subjects
),
wanted as (
    select subject_key from known
    union
    select subject_key from incoming_profile_subjects
    union
    select subject_key from matches where subject_kind in ('account', 'app')
    union
    select subject_key from stirred
)
select
    wanted.subject_key,
    known.subject_key is null or stirred.subject_key is not null as fresh,
    wanted.subject_key in (select alias_key from misplaced) as misplaced
from wanted
left join known on wanted.subject_key = known.subject_key
left join stirred on wanted.subject_key = stirred.subject_key
order by wanted.subject_key;
