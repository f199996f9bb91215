-- What casework adds to a case and to its history: how sure and how harmful it is, holds, how long
-- its subject is down, and what lists of the desk show of it; and the kinds of events of captures,
-- notices and re-checks.
-- Grain: cases, signals and events as before; key case_id, key (case_id, position) and key
-- seq.
-- Read by: case_detail, event_history, the staff's queries. Written by: casebook/insert_cases.sql,
-- update_cases.sql, insert_signals.sql, insert_events.sql.
create temporary table signals_before as from signals;

-- Text is compressed where there is much of it: what DuckDB would choose by itself is switched off, see
-- casebook/writer_session.sql, and uncompressed it is four times the size. What is looked up by is not.
drop table signals;

create table signals (
    case_id varchar not null,
    position integer not null,
    name varchar not null,
    says varchar not null using compression 'zstd',
    raw varchar not null using compression 'zstd',
    weight double not null,
    contribution double not null,
    detector varchar not null using compression 'zstd',
    axis varchar using compression 'zstd',
    would_change varchar using compression 'zstd',
    primary key (case_id, position)
);

comment on table signals is 'Named, explained pieces of evidence as the ranking last weighed them';
comment on column signals.case_id is 'See cases';
comment on column signals.position is 'Order in which the ranking gave them, from 0';
comment on column signals.name is 'Stable name, as in name.same-label';
comment on column signals.says is 'One sentence for a person';
comment on column signals.raw is 'The value seen, as text';
comment on column signals.weight is 'Of this kind of evidence, natural-log odds';
comment on column signals.contribution is 'What it added to the score; negative speaks against';
comment on column signals.detector is 'Name and version of what saw it';
comment on column signals.axis is 'confidence or severity: of which of both it speaks';
comment on column signals.would_change is 'What would have to be seen for it to weigh otherwise';

insert into signals by name
from signals_before;

drop table signals_before;

create temporary table cases_before as from cases;

-- Added one by one, columns with and without a default do not commit together in DuckDB 1.5.
drop table cases;

create table cases (
    case_id varchar primary key,
    brand_id varchar not null,
    brand_name varchar not null,
    subject_key varchar not null,
    subject_kind varchar not null
        check (subject_kind in ('host', 'account', 'app', 'image')),
    subject varchar not null,
    domain varchar,
    series varchar,
    kind varchar not null
        check (kind in (
            'same-label', 'same-name', 'combosquat', 'typosquat', 'combo-typosquat', 'homograph',
            'combo-homograph', 'split-name', 'level-squat', 'free-host', 'same-image', 'near-image',
            'logo-inside', 'by-hand'
        )),
    score integer not null check (score between 0 and 100),
    evidence double,
    band varchar not null
        check (band in ('none', 'watch', 'review', 'high', 'critical')),
    workflow varchar not null
        check (workflow in (
            'new', 'triage', 'confirmed', 'enforcing', 'resolved', 'closed', 'watching', 'snoozed',
            'dismissed', 'reopened'
        )),
    subject_state varchar not null
        check (subject_state in (
            'unknown', 'unregistered', 'registered', 'parked', 'live', 'blocked-view',
            'unreachable', 'removed', 'suspended', 'transferred'
        )),
    reason_code varchar
        check (reason_code in (
            'own-asset', 'licensed', 'fan-parody', 'unrelated', 'weak-match', 'duplicate'
        )),
    assignee varchar,
    snooze_until timestamptz,
    snooze_on_change boolean not null,
    gates varchar[] not null,
    opened_at timestamptz not null,
    updated_at timestamptz not null,
    first_observed_at timestamptz not null,
    last_observed_at timestamptz not null,
    confidence integer check (confidence between 0 and 100),
    severity integer check (severity between 0 and 100),
    legal_hold boolean not null default false,
    down_since timestamptz,
    relapses integer not null default 0 check (relapses >= 0),
    reasons varchar,
    same_picture integer,
    inbox_more integer,
    rank_version varchar not null,
    revision integer not null check (revision >= 1),
    unique (brand_id, subject_key)
);

comment on table cases is 'One row per brand and subject; the same pair is the same case for ever';
comment on column cases.case_id is 'NK- and 12 characters made from brand and subject';
comment on column cases.brand_id is 'See brands';
comment on column cases.brand_name is 'The brand as people write it';
comment on column cases.subject_key is 'The unique thing observed: host:..., account:..., app:..., image:...';
comment on column cases.subject_kind is 'host, account, app or image';
comment on column cases.subject is 'The subject as people read it: the host, platform/@handle, a title';
comment on column cases.domain is 'Registrable domain of a host under the public suffix list; null otherwise';
comment on column cases.series is 'The registrable label without digits and hyphens, which names of one campaign share; null when it has none';
comment on column cases.kind is 'In which way the strongest match resembles the brand; by-hand where nothing but a person says that it does';
comment on column cases.score is '0 to 100: the signals added up';
comment on column cases.evidence is 'What the signals add up to, natural-log odds; tells equal scores apart';
comment on column cases.band is 'The score after the gates; see bands';
comment on column cases.workflow is 'Axis one: what people do with it';
comment on column cases.subject_state is 'Axis two: is the thing itself alive; unknown is not absent';
comment on column cases.reason_code is 'Why it was dismissed; null unless it was';
comment on column cases.assignee is 'Whose it is; null is anybody''s';
comment on column cases.snooze_until is 'Asleep until then (UTC); null when not, or when until a change only';
comment on column cases.snooze_on_change is 'Wakes as soon as its band rises, or what it shows changes';
comment on column cases.gates is 'Sentences: why the band is lower than the sum of the signals';
comment on column cases.opened_at is 'When it first became a case (UTC)';
comment on column cases.updated_at is 'When anything a person sees of it last changed (UTC)';
comment on column cases.first_observed_at is 'When the subject was first seen to resemble the brand (UTC)';
comment on column cases.last_observed_at is 'When it was last seen to (UTC)';
comment on column cases.confidence is '0 to 100: how sure it is that the subject poses as the brand; null until weighed by a ranking that tells it apart';
comment on column cases.severity is '0 to 100: how much harm it can do if it does; null as above';
comment on column cases.legal_hold is 'Nothing of it may be deleted, whatever the rules of retention say';
comment on column cases.down_since is 'Since when every vantage has seen it down (UTC); null while it is up or unknown';
comment on column cases.relapses is 'How often it came back after it was down';
comment on column cases.reasons is 'What its signals say, as a JSON list, what speaks most for it first; follows from signals';
comment on column cases.same_picture is 'Other cases of the brand whose subjects wear the same picture; follows from worn_pictures';
comment on column cases.inbox_more is 'For how many other cases of its series it stands in the inbox; null when it does not stand there';
comment on column cases.rank_version is 'Version of the ranking that gave score and band';
comment on column cases.revision is 'Counts the changes of this row, from 1';

insert into cases by name
from cases_before;

drop table cases_before;

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
            'opened', 'score-changed', 'state-changed', 'returned', 'suppressed', 'withdrawn',
            'supported', 'renamed', 'joined', 'triaged', 'confirmed', 'dismissed', 'watched',
            'snoozed', 'assigned', 'reopened', 'closed', 'noted', 'enforced', 'resolved',
            'relapsed', 'down', 'changed', 'merged', 'split', 'held', 'released', 'captured',
            'packed', 'contacts-found', 'proposed', 'action-changed', 'replied', 'thinned'
        )),
    data varchar not null using compression 'zstd',
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
from events_before;

drop table events_before;
