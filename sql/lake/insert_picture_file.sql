-- Counts a file of described pictures in.
-- Grain: one row. Key: batch_id, number.
insert into picture_files (batch_id, number, pictures)
values (?, ?, ?);
