-- How many rows of a batch can be proved how far.
-- Grain: one row. Key: batch_id, trust.
insert into batch_trust (batch_id, trust, rows)
values (?, ?, ?);
