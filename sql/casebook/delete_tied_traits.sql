-- Removes what is told of ties to confirmed cases and holds no longer.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: staged_tied_traits. Read by: Learning.record_confirmed_ties.
delete from tied_traits
where (brand_id, subject_key, traits) not in (
    select (brand_id, subject_key, traits) from staged_tied_traits
);
