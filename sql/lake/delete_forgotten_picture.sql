-- A picture that was looked after: it is gone, or something else shows it.
-- Grain: one row per picture. Key: sha256.
delete from forgotten_pictures
where sha256 = ?;
