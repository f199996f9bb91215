-- Counts the names of a batch that resemble a brand too faintly to be kept.
-- Grain: one row. Key: batch_id, number, brand_id.
insert into faint_pairs (batch_id, number, brand_id, pairs)
values (?, ?, ?, ?);
