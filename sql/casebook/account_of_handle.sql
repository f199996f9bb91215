-- The account that a handle is today: as accounts were told apart, or as profiles show it.
-- Grain: one row per account. Key: subject_key. Binds: alias_key, platform, handle, now.
-- Reads: subject_aliases, latest_profiles. Read by: Desk.open_case.
select subject_key
from subject_aliases
where alias_key = $alias_key and outcome = 'same' and held_from <= $now and held_to > $now
union
select subject_key
from latest_profiles
where
    platform = $platform
    and lower(ltrim(handle, '@')) = lower($handle)
    and not contains(subject_key, ':@')
order by subject_key;
