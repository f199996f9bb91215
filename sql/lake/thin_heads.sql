-- Of the good heads of one instance and day only the largest is kept: it proves what the others did.
-- Grain: the rows of one instance. Key: source, instance, size, root, verdict.
delete from heads
where
    source = :source
    and instance = :instance
    and verdict = 'verified'
    and substr(received_at, 1, 10) = substr(:received_at, 1, 10)
    and size < :size;
