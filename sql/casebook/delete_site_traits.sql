-- Drops what the answers said before they were read again.
-- Grain: one row per brand and host. Key: (brand_id, subject_key).
-- Reads: incoming_site_traits (Arrow). Read by: Casebook.record_enrichments.
delete from site_traits
where (brand_id, subject_key) in (
    select (brand_id, subject_key)
    from incoming_site_traits
);
