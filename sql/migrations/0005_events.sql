-- Everything that ever happened to a case; rows are added, never changed.
-- How the hashes are made: the docstring of namaak/casework/events.py.
-- Grain: one row per event. Key: seq, also (case_id, case_seq).
-- Read by: event_history, read_case, the evidence pack. Written by: casebook/insert_events.sql.
create table events (
    seq bigint primary key,
    case_id varchar not null,
    case_seq integer not null check (case_seq >= 1),
    happened_at timestamptz not null,
    actor varchar not null,
    kind varchar not null
        check (kind in (
            'opened', 'score-changed', 'suppressed', 'withdrawn', 'supported', 'renamed', 'triaged', 'confirmed', 'dismissed',
            'watched', 'snoozed', 'assigned', 'reopened', 'closed', 'noted'
        )),
    data varchar not null,
    previous_hash varchar not null,
    hash varchar not null,
    chain_hash varchar not null,
    unique (case_id, case_seq)
);

comment on table events is 'Append-only history, chained by SHA-256 so that a change shows';
comment on column events.seq is 'Order over all cases, from 1 without gaps';
comment on column events.case_id is 'See cases';
comment on column events.case_seq is 'Order within the case, from 1 without gaps';
comment on column events.happened_at is 'UTC, microseconds';
comment on column events.actor is 'A person''s name, or flow:... for what no person did';
comment on column events.kind is 'What happened';
comment on column events.data is 'Its particulars as canonical JSON';
comment on column events.previous_hash is 'hash of the case''s event before, 64 zeros at the first';
comment on column events.hash is 'SHA-256 over this event and previous_hash';
comment on column events.chain_hash is 'SHA-256 over the chain_hash before (of any case) and hash';
