-- Counts a finding in; one that is known already stays where it is.
-- Grain: one row per finding. Key: subject_key, aspect, asked_at.
insert into enrichments (
    subject_key, aspect, asked_at, outcome, says_something, due_at, file
)
values (?, ?, ?, ?, ?, ?, ?)
on conflict do nothing;
