-- What was gathered and what could not be read: the lake's own account, copied at publishing.
-- Grain: batches: one row per batch of the lake, key batch_id; rejects: one row per refused
-- row of a source, no key (a source may refuse the same position twice).
-- Read by: coverage, the staff's queries. Written by: casebook/insert_batches.sql, insert_rejects.sql.
create table batches (
    batch_id varchar primary key,
    source varchar not null,
    instance varchar not null,
    label varchar,
    start_position bigint,
    end_position bigint,
    rows bigint not null,
    first_seen_rows bigint not null,
    rejected bigint not null,
    gathered_at timestamptz not null
);

comment on table batches is 'Batches of observations in the lake';
comment on column batches.batch_id is 'Made from source, instance and positions';
comment on column batches.source is 'Which source';
comment on column batches.instance is 'Which file, log or server of that source';
comment on column batches.label is 'The instance as people know it';
comment on column batches.start_position is 'First native position of the batch';
comment on column batches.end_position is 'Position after the last';
comment on column batches.rows is 'Observations kept';
comment on column batches.first_seen_rows is 'Of these, never seen before';
comment on column batches.rejected is 'Rows that could not be read; see rejects';
comment on column batches.gathered_at is 'When (UTC)';

create table rejects (
    source varchar not null,
    instance varchar not null,
    position bigint,
    reason varchar not null,
    excerpt varchar
);

comment on table rejects is 'Rows of the sources that could not be read, with the reason';
comment on column rejects.source is 'Which source';
comment on column rejects.instance is 'Which file, log or server of that source';
comment on column rejects.position is 'Native position: line, leaf, row';
comment on column rejects.reason is 'Why it was refused';
comment on column rejects.excerpt is 'The beginning of what stood there';
