-- Logs and zones that were not read to their newest head, or not at all any more, and why.
-- Grain: one row per instance of a source. Key: (source, instance).
-- Reads: log_coverage. Read by: staff, with `namaak sql`.
select
    source,
    label,
    stopped,
    head_size,
    read,
    left_out,
    lag,
    share_read,
    last_signed_at,
    last_verdict,
    failed_attempts,
    commonest_failure
from log_coverage
where stopped is not null or lag > 0 or left_out > 0
order by stopped is null, lag desc nulls last, source, label;
