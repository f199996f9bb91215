-- Copies the lake's account of its pictures.
-- Grain: one row per outcome and reason. Key: (outcome, reason).
-- Reads: incoming_picture_outcomes (Arrow). Read by: Casebook.record_pictures.
insert into picture_outcomes (outcome, reason, pictures)
select outcome, reason, pictures
from incoming_picture_outcomes;
