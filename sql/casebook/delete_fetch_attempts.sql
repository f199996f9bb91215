-- Empties the copy of the failed requests, to be filled anew.
-- Grain: one row per source, instance, failure and status. Key: all of these.
-- Read by: Casebook.record_coverage.
delete from fetch_attempts;
