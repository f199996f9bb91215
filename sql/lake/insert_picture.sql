-- What became of a picture under one version of the hashes; tried again, the later look counts.
-- Grain: one row. Key: sha256, detector.
insert into pictures (sha256, detector, outcome, reason, batch_id, number)
values (?, ?, ?, ?, ?, ?)
on conflict (sha256, detector) do update set
    outcome = excluded.outcome,
    reason = excluded.reason,
    batch_id = excluded.batch_id,
    number = excluded.number;
