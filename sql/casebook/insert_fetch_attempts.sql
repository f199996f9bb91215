-- Copies the failed requests; a status of 0 says that there was no reply.
-- Grain: one row per source, instance, failure and status. Key: all of these.
-- Reads: incoming_fetch_attempts (Arrow). Read by: Casebook.record_coverage.
insert into fetch_attempts (source, instance, failure, status, attempts, last_says, last_at)
select source, instance, failure, coalesce(status, 0), attempts, last_says, last_at
from incoming_fetch_attempts;
