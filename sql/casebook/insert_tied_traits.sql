-- Stores what is told of ties to confirmed cases.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: staged_tied_traits, tied_traits. Read by: Learning.record_confirmed_ties.
insert into tied_traits (brand_id, subject_key, traits)
select
    brand_id,
    subject_key,
    traits
from staged_tied_traits
where (brand_id, subject_key) not in (select (brand_id, subject_key) from tied_traits);
