-- Copies the ranges left out.
-- Grain: one row per range. Key: (source, instance, start_position, end_position).
-- Reads: incoming_coverage_gaps (Arrow). Read by: Casebook.record_coverage.
insert into coverage_gaps (source, instance, label, start_position, end_position, reason, recorded_at)
select source, instance, label, start_position, end_position, reason, recorded_at
from incoming_coverage_gaps;
