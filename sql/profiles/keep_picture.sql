-- What an address gave, and when it was stored.
-- Grain: one row per address. Key: url.
-- Writes: pictures. Run by: namaak/sources/profiles/pictures.py.
insert or replace into pictures (url, sha256, at)
values (?, ?, ?);
