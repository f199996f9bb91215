-- Stores what the answers say of each brand and host.
-- Grain: one row per brand and host. Key: (brand_id, subject_key).
-- Reads: incoming_site_traits (Arrow). Read by: Casebook.record_enrichments.
insert into site_traits (brand_id, subject_key, asked_at, reader, traits)
select brand_id, subject_key, asked_at, reader, traits
from incoming_site_traits;
