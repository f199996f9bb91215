-- The brands and hosts of cases of which there are answers that were not read yet: newer ones, or
-- read by another version or for another description of the brand.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: cases, site_traits, incoming_asked (Arrow), incoming_readers (Arrow).
-- Read by: Casebook.pairs_to_read.
select
    cases.brand_id,
    cases.subject_key
from cases
inner join incoming_asked on cases.subject_key = incoming_asked.subject_key
inner join incoming_readers on cases.brand_id = incoming_readers.brand_id
left join site_traits
    on cases.brand_id = site_traits.brand_id
    and cases.subject_key = site_traits.subject_key
where
    site_traits.asked_at is null
    or site_traits.asked_at <> incoming_asked.asked_at
    or site_traits.reader <> incoming_readers.reader
order by cases.subject_key, cases.brand_id;
