-- Empties the copy of the refused rows, to be filled anew.
-- Grain: one row per refused row. Key: none.
-- Read by: Casebook.record_coverage.
delete from rejects;
