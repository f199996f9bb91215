-- What people do beside deciding: they open cases by hand, allow what is somebody's good right, tie
-- cases together or keep them apart, and save the lists that they look at.
-- Grain: cases as before, key case_id; allow_rules: one row per rule, key rule_id; saved_views: one
-- per view, key name; manual_ties: one per pair of cases, key (one_case_id, other_case_id);
-- hand_opened: one per case that somebody opened, key case_id; campaign_edges as before, key
-- (one_case_id, other_case_id, reason, value).
-- Read by: casebook/rows_to_rank.sql, known_pairs.sql, stage_campaign_edges.sql, enrolment, staff.
-- Written by: namaak/casework/desk.py.
create temporary table cases_before as from cases;

-- DuckDB cannot change the check of a column: the table is made anew.
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

create table allow_rules (
    rule_id varchar primary key,
    brand_id varchar not null,
    asset varchar not null,
    reason varchar not null,
    author varchar not null,
    until date not null,
    made_at timestamptz not null,
    withdrawn_at timestamptz,
    withdrawn_by varchar,
    updated_at timestamptz not null
);

comment on table allow_rules is 'What people allow beside the rules of the watch file: it bears the brand with good reason';
comment on column allow_rules.rule_id is 'NR- and 12 characters made from brand, asset and the time it was made';
comment on column allow_rules.brand_id is 'See brands';
comment on column allow_rules.asset is 'A domain with all its sub-domains, or platform:handle';
comment on column allow_rules.reason is 'Why it may';
comment on column allow_rules.author is 'Who says so';
comment on column allow_rules.until is 'The last day it holds (UTC): everything allowed is looked at again some day';
comment on column allow_rules.made_at is 'When it was made (UTC)';
comment on column allow_rules.withdrawn_at is 'When somebody took it back (UTC); null while it stands';
comment on column allow_rules.withdrawn_by is 'Who did';
comment on column allow_rules.updated_at is 'When anything of the row last changed (UTC)';

create table saved_views (
    name varchar primary key,
    author varchar not null,
    query varchar not null,
    made_at timestamptz not null,
    updated_at timestamptz not null
);

comment on table saved_views is 'Lists of cases that people look at again and again, under a name';
comment on column saved_views.name is 'As people call it';
comment on column saved_views.author is 'Who saved it last';
comment on column saved_views.query is 'What to look for, as JSON: the conditions of a list of cases, never SQL';
comment on column saved_views.made_at is 'When it was first saved (UTC)';
comment on column saved_views.updated_at is 'When it was last saved (UTC)';

create table manual_ties (
    one_case_id varchar not null,
    other_case_id varchar not null,
    verdict varchar not null
        check (verdict in ('together', 'apart')),
    actor varchar not null,
    note varchar,
    tied_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (one_case_id, other_case_id),
    check (one_case_id < other_case_id or (one_case_id = other_case_id and verdict = 'apart'))
);

comment on table manual_ties is 'What people say of two cases: one hand, or not, whatever they share';
comment on column manual_ties.one_case_id is 'The lesser of both ids';
comment on column manual_ties.other_case_id is 'The greater; the same id again where a case is to stand apart from all others';
comment on column manual_ties.verdict is 'together, or apart: then nothing that the two share ties them';
comment on column manual_ties.actor is 'Who says so';
comment on column manual_ties.note is 'Why; null where nobody said';
comment on column manual_ties.tied_at is 'When it was said (UTC)';
comment on column manual_ties.updated_at is 'When the row last changed (UTC)';

create table hand_opened (
    case_id varchar primary key,
    brand_id varchar not null,
    subject_key varchar not null,
    reason varchar not null,
    url varchar,
    actor varchar not null,
    opened_at timestamptz not null,
    updated_at timestamptz not null,
    unique (brand_id, subject_key)
);

comment on table hand_opened is 'Cases that a person asked for: evidence of a kind of its own, which no ranking takes away';
comment on column hand_opened.case_id is 'See cases';
comment on column hand_opened.brand_id is 'See brands';
comment on column hand_opened.subject_key is 'See cases';
comment on column hand_opened.reason is 'Why it should be a case, in that person''s words';
comment on column hand_opened.url is 'The link that was given; null where a bare name was';
comment on column hand_opened.actor is 'Who asked for it';
comment on column hand_opened.opened_at is 'When (UTC)';
comment on column hand_opened.updated_at is 'When the row last changed (UTC)';

create temporary table campaign_edges_before as from campaign_edges;

-- As with cases: the check of the reasons takes one more.
drop table campaign_edges;

create table campaign_edges (
    one_case_id varchar not null,
    other_case_id varchar not null,
    reason varchar not null
        check (reason in (
            'picture', 'bio', 'link', 'contact', 'payment', 'links-to', 'certificate', 'favicon',
            'tracker', 'scripts', 'server', 'domain', 'series', 'by-hand'
        )),
    value varchar not null,
    says varchar not null,
    shared_by integer not null,
    primary key (one_case_id, other_case_id, reason, value)
);

comment on table campaign_edges is 'Why two cases are taken to be of one hand';
comment on column campaign_edges.one_case_id is 'See cases; the older of both';
comment on column campaign_edges.other_case_id is 'See cases';
comment on column campaign_edges.reason is 'What they share; by-hand where a person says so';
comment on column campaign_edges.value is 'The shared value';
comment on column campaign_edges.says is 'One sentence for a person';
comment on column campaign_edges.shared_by is 'Cases that share the value';

insert into campaign_edges by name
from campaign_edges_before;

drop table campaign_edges_before;
