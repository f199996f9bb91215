-- Stores what profiles say of each brand; what the casebook knows of them stays.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: incoming_profile_traits (Arrow). Read by: Profiles.record_profile_traits.
insert into profile_traits (brand_id, subject_key, reader, told_at, versions, traits, ties)
select
    brand_id,
    subject_key,
    reader,
    told_at,
    versions,
    traits,
    [] as ties
from incoming_profile_traits
on conflict (brand_id, subject_key) do update set
    reader = excluded.reader,
    told_at = excluded.told_at,
    versions = excluded.versions,
    traits = excluded.traits;
