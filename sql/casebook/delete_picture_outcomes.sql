-- Empties the copy of the lake's account of its pictures, to be filled anew.
-- Grain: one row per outcome and reason. Key: (outcome, reason).
-- Read by: Casebook.record_pictures.
delete from picture_outcomes;
