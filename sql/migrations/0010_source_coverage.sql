-- How far each log, zone and list was read: the lake's own account, copied at publishing beside
-- its batches. What was left out is a row, and so is every signed head as it was received.
-- Grain: instances: one row per instance of a source, key (source, instance); coverage_gaps: one
-- row per range left out, key (source, instance, start_position, end_position); log_heads: one
-- row per head that is kept, key (source, instance, size, root, verdict); fetch_attempts: one row
-- per source, instance, failure and HTTP status, key all four.
-- Read by: log_coverage, coverage_by_day, the staff's queries.
-- Written by: casebook/insert_instances.sql, insert_coverage_gaps.sql, insert_log_heads.sql,
-- insert_fetch_attempts.sql.
create table instances (
    source varchar not null,
    instance varchar not null,
    label varchar,
    next_position bigint not null,
    complete boolean not null,
    stopped varchar,
    head_size bigint,
    updated_at timestamptz not null,
    primary key (source, instance)
);

comment on table instances is 'Files, logs, zones and servers of the sources, and how far each was read';
comment on column instances.source is 'Which source';
comment on column instances.instance is 'Which file, log or server of that source';
comment on column instances.label is 'The instance as people know it';
comment on column instances.next_position is 'Where reading goes on; everything before was read or is a gap';
comment on column instances.complete is 'Read to its end for ever; logs never are';
comment on column instances.stopped is 'Why it is not read any more until a person says so; null when it is';
comment on column instances.head_size is 'Entries of its tallest verified head; null for what has no heads';
comment on column instances.updated_at is 'When it was last read or tried (UTC)';

create table coverage_gaps (
    source varchar not null,
    instance varchar not null,
    label varchar,
    start_position bigint not null,
    end_position bigint not null,
    reason varchar not null,
    recorded_at timestamptz not null,
    primary key (source, instance, start_position, end_position)
);

comment on table coverage_gaps is 'Ranges left out on purpose, never in silence';
comment on column coverage_gaps.source is 'Which source';
comment on column coverage_gaps.instance is 'Which file, log or server of that source';
comment on column coverage_gaps.label is 'The instance as people know it';
comment on column coverage_gaps.start_position is 'First position left out';
comment on column coverage_gaps.end_position is 'Position after the last left out';
comment on column coverage_gaps.reason is 'Why, as a sentence';
comment on column coverage_gaps.recorded_at is 'When it was decided (UTC)';

create table log_heads (
    source varchar not null,
    instance varchar not null,
    size bigint not null,
    root varchar not null,
    signed_at timestamptz,
    received_at timestamptz not null,
    verdict varchar not null,
    key_id varchar,
    primary key (source, instance, size, root, verdict)
);

comment on table log_heads is 'Tree heads of logs as they were received, and what came of verifying them';
comment on column log_heads.source is 'Which source';
comment on column log_heads.instance is 'Which log of that source';
comment on column log_heads.size is 'Entries in the tree';
comment on column log_heads.root is 'Root hash, hexadecimal';
comment on column log_heads.signed_at is 'When the log says it signed it (UTC); null when it does not';
comment on column log_heads.received_at is 'When we received it (UTC)';
comment on column log_heads.verdict is 'verified, or what is wrong: bad-signature, fork, shrunken, stale, ...';
comment on column log_heads.key_id is 'Which key signed it; null when none of ours did';

create table fetch_attempts (
    source varchar not null,
    instance varchar not null,
    failure varchar not null,
    status integer not null,
    attempts bigint not null,
    last_says varchar not null,
    last_at timestamptz not null,
    primary key (source, instance, failure, status)
);

comment on table fetch_attempts is 'Requests that failed, also those of which a repetition went well';
comment on column fetch_attempts.source is 'Which source';
comment on column fetch_attempts.instance is 'Which file, log or server of that source';
comment on column fetch_attempts.failure is 'Which class of failure: transient, throttled, gone, malformed, ...';
comment on column fetch_attempts.status is 'HTTP status; 0 when there was no reply';
comment on column fetch_attempts.attempts is 'How many';
comment on column fetch_attempts.last_says is 'What the latest of them said';
comment on column fetch_attempts.last_at is 'When that was (UTC)';

alter table batches add column verified_rows bigint;
alter table batches add column names_rows bigint;
alter table batches add column unauthenticated_rows bigint;

comment on column batches.verified_rows is 'Observations hashed into a tree whose head the log signed; null when not said';
comment on column batches.names_rows is 'Observations that a log said beside its tree, signed by nobody; null when not said';
comment on column batches.unauthenticated_rows is 'Observations on the word of whoever gave the list; null when not said';
