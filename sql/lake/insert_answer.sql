-- Counts an answer in as it came; the same bytes are kept once.
-- Grain: one row per answer. Key: sha256.
insert into answers (sha256, media_type, bytes, stored_at)
values (?, ?, ?, ?)
on conflict do nothing;
