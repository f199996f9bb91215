-- What was stored too long ago to be relied on.
-- Grain: one row per address. Key: url.
-- Writes: pictures. Run by: namaak/sources/profiles/pictures.py.
delete from pictures
where at < ?;
