-- Empties the copy of how far each instance was read, to be filled anew.
-- Grain: one row per instance of a source. Key: (source, instance).
-- Read by: Casebook.record_coverage.
delete from instances;
