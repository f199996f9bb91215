-- Pictures of forgotten rows that were not looked after yet.
-- Grain: one row per picture. Key: sha256.
select sha256
from forgotten_pictures
order by sha256;
