-- What a look at a host gave: answers with time, vantage and outcome; and what of it says something
-- of a case. Unknown is not absent: an aspect that nobody answered keeps what was known of it.
-- Grain: enrichments: one row per host, aspect and time of asking, key all three; site_traits: one
-- row per brand and host of a case that was looked at, key (brand_id, subject_key); events as
-- before, key seq.
-- Read by: host_details, standing_of_hosts, rows_to_rank.sql, the staff's queries.
-- Written by: casebook/insert_enrichments.sql, insert_site_traits.sql, insert_events.sql.
create table enrichments (
    subject_key varchar not null,
    host varchar not null,
    aspect varchar not null,
    asked_at timestamptz not null,
    vantage varchar not null,
    outcome varchar not null,
    latest boolean not null,
    known boolean not null,
    facts varchar,
    raw_sha256 varchar,
    raw_type varchar,
    version varchar not null,
    due_at timestamptz,
    primary key (subject_key, aspect, asked_at)
);

comment on table enrichments is 'What each way of looking at the hosts of cases gave, at each time; the lake keeps the bytes';
comment on column enrichments.subject_key is 'See cases';
comment on column enrichments.host is 'The host that was looked at';
comment on column enrichments.aspect is 'dns, rdap, network, certificate, page or screenshot';
comment on column enrichments.asked_at is 'When asking began (UTC)';
comment on column enrichments.vantage is 'Whom we asked, as whom: another place may see another page';
comment on column enrichments.outcome is 'answered, empty or absent speak of the host; all others of our asking';
comment on column enrichments.latest is 'The last time that this aspect was asked about';
comment on column enrichments.known is 'The last time that there was an answer that speaks of the host';
comment on column enrichments.facts is 'JSON, without the text of pages; null where it is neither latest nor known: the lake has it';
comment on column enrichments.raw_sha256 is 'Of the answer as it came, under which the lake keeps it; null when none came';
comment on column enrichments.raw_type is 'Media type of the answer as it came';
comment on column enrichments.version is 'Of what read the answer';
comment on column enrichments.due_at is 'When to ask again (UTC); null when only somebody may ask';

create table site_traits (
    brand_id varchar not null,
    subject_key varchar not null,
    asked_at timestamptz not null,
    reader varchar not null,
    traits struct(name varchar, raw varchar, says varchar)[] not null,
    primary key (brand_id, subject_key)
);

comment on table site_traits is 'What the answers about a host say for or against a case; the ranking weighs it';
comment on column site_traits.brand_id is 'See brands';
comment on column site_traits.subject_key is 'See cases';
comment on column site_traits.asked_at is 'The latest answer that was read (UTC)';
comment on column site_traits.reader is 'Version of what read the answers, and of the brand they were read for';
comment on column site_traits.traits is 'Name, value seen, and one sentence for a person';

create temporary table events_before as from events;

-- DuckDB cannot change the check of a column: the table is made anew.
drop table events;

create table events (
    seq bigint primary key,
    case_id varchar not null,
    case_seq integer not null check (case_seq >= 1),
    happened_at timestamptz not null,
    actor varchar not null,
    kind varchar not null
        check (kind in (
            'opened', 'score-changed', 'state-changed', 'suppressed', 'withdrawn', 'supported',
            'renamed', 'triaged', 'confirmed', 'dismissed', 'watched', 'snoozed', 'assigned',
            'reopened', 'closed', 'noted'
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

insert into events by name
from events_before
order by seq;

drop table events_before;
