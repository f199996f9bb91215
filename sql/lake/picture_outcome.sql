-- What became of a picture when it was last described under one version of the hashes.
-- Grain: no row, or one. Key: sha256, detector.
select outcome, reason
from pictures
where sha256 = ? and detector = ?;
