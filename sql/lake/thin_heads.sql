-- Of the heads of one instance and day that accuse nobody one of each verdict is kept: the largest
-- good one, which proves what the others did, and the latest that was old. What contradicts the
-- log is evidence and stays.
-- Grain: the rows of one instance. Key: source, instance, size, root, verdict.
delete from heads
where
    source = :source
    and instance = :instance
    and verdict = :verdict
    and substr(received_at, 1, 10) = substr(:received_at, 1, 10)
    and (
        (verdict = 'verified' and size < :size)
        or (verdict in ('older', 'stale') and (size <> :size or root <> :root))
    );
