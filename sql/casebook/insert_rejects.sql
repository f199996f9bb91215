-- Copies the refused rows.
-- Grain: one row per refused row. Key: none.
-- Reads: incoming_rejects (Arrow). Read by: Casebook.record_coverage.
insert into rejects (source, instance, position, reason, excerpt)
select source, instance, position, reason, excerpt
from incoming_rejects;
