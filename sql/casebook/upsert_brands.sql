-- Writes down the watch file's brands; a row that did not change keeps its date.
-- Grain: one row per brand. Key: brand_id. Binds: now.
-- Reads: incoming_brands (Arrow). Read by: Casebook.record_brands.
insert into brands (brand_id, name, fingerprint, common_word, updated_at)
select
    incoming_brands.brand_id,
    incoming_brands.name,
    incoming_brands.fingerprint,
    incoming_brands.common_word,
    $now
from incoming_brands
left join brands on incoming_brands.brand_id = brands.brand_id
where
    brands.brand_id is null
    or (brands.name, brands.fingerprint, brands.common_word) is distinct from
    (incoming_brands.name, incoming_brands.fingerprint, incoming_brands.common_word)
on conflict (brand_id) do update set
    name = excluded.name,
    fingerprint = excluded.fingerprint,
    common_word = excluded.common_word,
    updated_at = excluded.updated_at;
