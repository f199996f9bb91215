-- Stores the signals of the cases that were weighed.
-- Grain: one row per signal. Key: (case_id, position).
-- Reads: incoming_signals (Arrow). Read by: Casebook.
insert into signals (case_id, position, name, says, raw, weight, contribution, detector, axis, would_change)
select case_id, position, name, says, raw, weight, contribution, detector, axis, would_change
from incoming_signals;
