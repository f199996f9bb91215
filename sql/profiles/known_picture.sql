-- The picture that an address gave between two times.
-- Grain: at most one row. Key: url.
-- Reads: pictures. Read by: namaak/sources/profiles/pictures.py.
select sha256
from pictures
where
    url = ?
    and at between ? and ?;
