-- Cases, and the order of the bands they are in.
-- Grain: one row per brand and subject that deserve a person. Key: case_id, also
-- (brand_id, subject_key). Table bands: one row per band, key band.
-- Read by: every view. Written by: casebook/insert_cases.sql, update_cases.sql, decide_case.sql.
create table bands (
    band varchar primary key,
    rank integer not null unique
);

comment on table bands is 'Bands from least to most urgent, so that they can be ordered and compared';
comment on column bands.band is 'How much of a person''s time a case deserves';
comment on column bands.rank is '0 is least urgent';

insert into bands (band, rank)
values
    ('none', 0),
    ('watch', 1),
    ('review', 2),
    ('high', 3),
    ('critical', 4);

create table cases (
    case_id varchar primary key,
    brand_id varchar not null,
    brand_name varchar not null,
    subject_key varchar not null,
    subject_kind varchar not null
        check (subject_kind in ('host', 'account', 'app', 'image')),
    subject varchar not null,
    domain varchar,
    kind varchar not null
        check (kind in (
            'same-label', 'same-name', 'combosquat', 'typosquat', 'combo-typosquat', 'homograph',
            'combo-homograph', 'split-name', 'level-squat', 'free-host', 'same-image', 'near-image'
        )),
    score integer not null check (score between 0 and 100),
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
comment on column cases.kind is 'In which way the strongest match resembles the brand';
comment on column cases.score is '0 to 100: the signals added up';
comment on column cases.band is 'The score after the gates; see bands';
comment on column cases.workflow is 'Axis one: what people do with it';
comment on column cases.subject_state is 'Axis two: is the thing itself alive; unknown is not absent';
comment on column cases.reason_code is 'Why it was dismissed; null unless it was';
comment on column cases.assignee is 'Whose it is; null is anybody''s';
comment on column cases.snooze_until is 'Asleep until then (UTC); null when not, or when until a change only';
comment on column cases.snooze_on_change is 'Wakes as soon as its band rises';
comment on column cases.gates is 'Sentences: why the band is lower than the sum of the signals';
comment on column cases.opened_at is 'When it first became a case (UTC)';
comment on column cases.updated_at is 'When anything a person sees of it last changed (UTC)';
comment on column cases.first_observed_at is 'When the subject was first seen to resemble the brand (UTC)';
comment on column cases.last_observed_at is 'When it was last seen to (UTC)';
comment on column cases.rank_version is 'Version of the ranking that gave score and band';
comment on column cases.revision is 'Counts the changes of this row, from 1';
