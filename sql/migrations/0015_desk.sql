-- What people do beside deciding: they open cases by hand, allow what is somebody's good right, tie
-- cases together or keep them apart, and save the lists that they look at.
-- Grain: allow_rules: one row per rule, key rule_id; saved_views: one
-- per view, key name; manual_ties: one per pair of cases, key (one_case_id, other_case_id);
-- hand_opened: one per case that somebody opened, key case_id; campaign_edges as before, key
-- (one_case_id, other_case_id, reason, value).
-- Read by: casebook/rows_to_rank.sql, known_pairs.sql, stage_campaign_edges.sql, enrolment, staff.
-- Written by: namaak/casework/desk.py.
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

-- DuckDB cannot change the check of a column: the table is made anew, with one more reason.
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
