-- The media type of an answer.
-- Grain: one row. Key: sha256.
select media_type
from answers
where sha256 = ?;
