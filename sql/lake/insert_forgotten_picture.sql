-- A picture that a forgotten row showed: it goes too, unless something else shows it.
-- Grain: one row per picture. Key: sha256.
insert or ignore into forgotten_pictures (sha256)
values (?);
