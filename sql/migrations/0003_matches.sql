-- The matches behind the cases, and those of accounts and apps that wait for a second element.
-- All others that opened no case stay in the lake and are counted in loads.
-- Grain: one row per field of a subject, brand and way of resembling it. Key: match_id.
-- Read by: read_case, the evidence pack, re-scoring. Written by: casebook/insert_matches.sql.
create table matches (
    match_id varchar primary key,
    case_id varchar,
    batch_id varchar not null,
    brand_id varchar not null,
    subject_key varchar not null,
    subject_kind varchar not null
        check (subject_kind in ('host', 'account', 'app', 'image')),
    source varchar not null,
    instance varchar not null,
    position bigint not null,
    observed_at timestamptz not null,
    field varchar not null
        check (field in ('host', 'handle', 'display-name', 'app', 'image')),
    value varchar not null,
    term varchar not null,
    resemblance varchar not null
        check (resemblance in (
            'same-label', 'same-name', 'combosquat', 'typosquat', 'combo-typosquat', 'homograph',
            'combo-homograph', 'split-name', 'level-squat', 'free-host', 'same-image', 'near-image'
        )),
    place varchar not null
        check (place in ('whole', 'token', 'edge', 'inside')),
    distance integer not null,
    strength float not null,
    span_start integer not null,
    span_end integer not null,
    layers varchar[] not null,
    lures varchar[] not null,
    traits varchar[] not null,
    suppressed varchar,
    detector varchar not null,
    tables varchar not null
);

comment on table matches is 'Evidence of the cases as last observed, one row per resemblance';
comment on column matches.match_id is 'The same whenever the same resemblance is seen again';
comment on column matches.batch_id is 'The batch of the lake it was found in; found again, it may be withdrawn';
comment on column matches.case_id is 'See cases; null while no case is open';
comment on column matches.brand_id is 'See brands';
comment on column matches.subject_key is 'See cases';
comment on column matches.subject_kind is 'host, account, app or image';
comment on column matches.source is 'Which source showed it';
comment on column matches.instance is 'Which file, log or server of that source';
comment on column matches.position is 'Native position there: line, leaf, row';
comment on column matches.observed_at is 'When the source showed it, the latest time (UTC)';
comment on column matches.field is 'Which part of the observation resembles the brand';
comment on column matches.value is 'That part as seen; for images the SHA-256';
comment on column matches.term is 'What of the brand it resembles: a name, or a logo''s path';
comment on column matches.resemblance is 'In which way, in the field''s terms';
comment on column matches.place is 'Where in the text the brand stands';
comment on column matches.distance is 'Edits between the two, or differing bits of 256';
comment on column matches.strength is '0 to 1, this resemblance alone';
comment on column matches.span_start is 'Where the brand begins in value, in code points; -1 for images';
comment on column matches.span_end is 'Where it ends, exclusive; -1 for images';
comment on column matches.layers is 'Folds that were needed to see it';
comment on column matches.lures is 'Alluring words beside the brand, as class:word';
comment on column matches.traits is 'Other facts that ranking weighs';
comment on column matches.suppressed is 'Why it is evidence for no case; null when it is evidence';
comment on column matches.detector is 'Name and version of what found it';
comment on column matches.tables is 'Versions of the data tables used';
