-- Which picture an address gave, so that it is not fetched again too soon (SQLite).
-- Grain: one row per address. Key: url.
-- Read and written by: namaak/sources/profiles/pictures.py.
create table if not exists pictures (
    url text primary key,
    sha256 text not null,
    at text not null
);
