-- The findings of one file stand in another now.
-- Grain: one row per finding. Key: subject_key, aspect, asked_at.
update enrichments
set file = ?
where file = ?;
