-- Brands as the watch file last described them, so that a case can be read without the file.
-- Grain: one row per brand. Key: brand_id.
-- Read by: brand_overview, the staff's queries. Written by: casebook/upsert_brands.sql.
create table brands (
    brand_id varchar primary key,
    name varchar not null,
    fingerprint varchar not null,
    common_word boolean not null,
    updated_at timestamptz not null
);

comment on table brands is 'Protected brands; a brand dropped from the watch file keeps its row';
comment on column brands.brand_id is 'Name of the brand''s table in the watch file';
comment on column brands.name is 'The brand as people write it';
comment on column brands.fingerprint is 'Hash over what decides its matches; a change means matching anew';
comment on column brands.common_word is 'The name is also an ordinary word, surname or place';
comment on column brands.updated_at is 'When this row last changed (UTC)';
