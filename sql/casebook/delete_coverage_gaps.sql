-- Empties the copy of the ranges left out, to be filled anew.
-- Grain: one row per range. Key: (source, instance, start_position, end_position).
-- Read by: Casebook.record_coverage.
delete from coverage_gaps;
