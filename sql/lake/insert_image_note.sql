-- Why a picture was not matched.
-- Grain: one row. Key: sha256.
insert into image_notes (sha256, outcome, reason)
values (?, ?, ?)
on conflict (sha256) do update set
    outcome = excluded.outcome,
    reason = excluded.reason;
