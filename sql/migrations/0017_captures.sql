-- Visits to pages of cases that were kept for others to replay, and evidence packs that were made.
-- Grain: captures: one row per visit, also of one that failed, key capture_id; packs: one row per
-- pack, key pack_id.
-- Read by: captures_of_case.sql, packs_of_case.sql, the staff's queries.
-- Written by: casebook/insert_captures.sql, casebook/insert_packs.sql.
create table captures (
    capture_id varchar primary key,
    case_id varchar not null,
    url varchar not null,
    final_url varchar,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    vantage varchar not null,
    outcome varchar not null
        check (outcome in ('ok', 'blocked', 'geo', 'captcha', 'dead', 'failed')),
    reason varchar,
    page_kind varchar,
    http_status integer check (http_status between 0 and 999),
    title varchar,
    address varchar,
    operator varchar not null,
    tools varchar not null,
    wacz_sha256 varchar,
    full_sha256 varchar,
    view_sha256 varchar,
    dom_sha256 varchar,
    text_sha256 varchar,
    tls_sha256 varchar,
    warc_sha256 varchar,
    ct_sha256 varchar,
    document_sha256 varchar not null,
    requests integer not null check (requests >= 0),
    bytes bigint not null check (bytes >= 0),
    refused integer not null check (refused >= 0)
);

comment on table captures is 'Visits to pages of cases; the bytes lie in the folder of evidence under their SHA-256';
comment on column captures.capture_id is 'NC- and 12 characters made from document_sha256';
comment on column captures.case_id is 'See cases';
comment on column captures.url is 'What was visited';
comment on column captures.final_url is 'Where the visit ended; null when no page came';
comment on column captures.started_at is 'When the browser was started (UTC)';
comment on column captures.ended_at is 'When the visit was over (UTC)';
comment on column captures.vantage is 'From where: here, or a name of the watch file''s vantages';
comment on column captures.outcome is 'What came: ok; blocked, geo or captcha are a view that is not the page; dead is nothing there; failed is not known';
comment on column captures.reason is 'Why it is not ok, in a sentence; null when it is';
comment on column captures.page_kind is 'What kind of page it is by its signs, as in content, parked, blocked; null when no page came';
comment on column captures.http_status is 'Of the last page; null when no server answered';
comment on column captures.title is 'Of the page';
comment on column captures.address is 'The IP address that the last page came from; null when none';
comment on column captures.operator is 'A person''s name, or flow:...';
comment on column captures.tools is 'Name to version of the programs used, as JSON';
comment on column captures.wacz_sha256 is 'The archive that others can replay; null when no answer came';
comment on column captures.full_sha256 is 'Picture of the whole page, PNG; null when none could be taken';
comment on column captures.view_sha256 is 'Picture of what a visitor sees first, PNG; null when none could be taken';
comment on column captures.dom_sha256 is 'The page''s HTML after its scripts ran; null when none could be taken';
comment on column captures.text_sha256 is 'The page''s visible text, UTF-8; null when none could be taken';
comment on column captures.tls_sha256 is 'Certificates as the servers showed them, PEM; null when none did';
comment on column captures.warc_sha256 is 'The archive before packing, kept when it could not be packed; null else';
comment on column captures.ct_sha256 is 'What certificate logs proved of the entries that the case is about, and what they did not, JSON; null where none told of it';
comment on column captures.document_sha256 is 'capture.json: method, DNS answers, certificates, redirects, headers; see docs/reference/capture.md';
comment on column captures.requests is 'How many the page made and servers were asked';
comment on column captures.bytes is 'Carried both ways, as encrypted on the wire';
comment on column captures.refused is 'How many requests and deeds of the page were refused; capture.json says why';

create table packs (
    pack_id varchar primary key,
    case_id varchar not null,
    made_at timestamptz not null,
    actor varchar not null,
    profile varchar not null,
    path varchar not null,
    tagmanifest_sha256 varchar not null,
    signed boolean not null,
    stamped boolean not null
);

comment on table packs is 'Evidence packs that were made';
comment on column packs.pack_id is 'The same for the same tag manifest';
comment on column packs.case_id is 'See cases';
comment on column packs.made_at is 'UTC';
comment on column packs.actor is 'A person''s name, or flow:...';
comment on column packs.profile is 'For whom: notice, or full';
comment on column packs.path is 'Where it was written';
comment on column packs.tagmanifest_sha256 is 'SHA-256 of tagmanifest-sha256.txt, which covers the whole pack';
comment on column packs.signed is 'Whether it was signed';
comment on column packs.stamped is 'Whether an authority stamped its time';
