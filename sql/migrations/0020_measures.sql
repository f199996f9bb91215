-- Who was told of what, and what was deleted because its time was over.
-- Grain: alerts: one row per thing that somebody is told of once, key alert_id; deletions: one row
-- per pass of retention and class of things, key (deleted_at, class).
-- Read by: the staff's queries, events_to_tell.sql. Written by: casebook/upsert_alerts.sql,
-- insert_deletions.sql.
create table alerts (
    alert_id varchar primary key,
    kind varchar not null,
    case_id varchar,
    brand_id varchar,
    summary varchar not null,
    outcome varchar not null check (outcome in ('told', 'failed')),
    attempts integer not null check (attempts >= 1),
    says varchar,
    told_at timestamptz not null,
    updated_at timestamptz not null
);

comment on table alerts is 'What people were told of, each thing once, or could not be told of';
comment on column alerts.alert_id is 'The hash of the event it is about, or digest: and the day';
comment on column alerts.kind is 'The kind of that event, or digest';
comment on column alerts.case_id is 'See cases; null for a digest';
comment on column alerts.brand_id is 'See brands; null for a digest';
comment on column alerts.summary is 'What was said of it';
comment on column alerts.outcome is 'told, or failed: then it is tried again';
comment on column alerts.attempts is 'How often it was tried';
comment on column alerts.says is 'Why the last attempt failed; null when it did not';
comment on column alerts.told_at is 'When it was tried last (UTC)';
comment on column alerts.updated_at is 'When this row last changed (UTC)';

create table deletions (
    deleted_at timestamptz not null,
    class varchar not null,
    rule varchar not null,
    items bigint not null,
    bytes bigint not null,
    held bigint not null,
    oldest_at timestamptz,
    newest_at timestamptz,
    actor varchar not null,
    primary key (deleted_at, class)
);

comment on table deletions is 'What was deleted because its time was over: how much and from when, never what it was';
comment on column deletions.deleted_at is 'When (UTC)';
comment on column deletions.class is 'Class of things, as in [retention] of the watch file';
comment on column deletions.rule is 'The rule as it was then, in words';
comment on column deletions.items is 'How many';
comment on column deletions.bytes is 'How much of the disk that gave back';
comment on column deletions.held is 'How many were due as well and stay because of a legal hold';
comment on column deletions.oldest_at is 'From when the oldest of them was (UTC)';
comment on column deletions.newest_at is 'From when the newest was (UTC)';
comment on column deletions.actor is 'A person''s name, or flow:... for what no person did';
