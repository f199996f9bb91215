-- Pictures: what their hashes are, who wears them and how widely; and a logo somewhere inside a
-- larger picture as a kind of resemblance.
-- Grain: pictures: one row per picture, frame and region, key (image_sha256, frame, region);
-- worn_pictures: one row per brand, subject and picture, key (brand_id, subject_key, image_sha256);
-- picture_outcomes: one row per outcome and reason, key (outcome, reason); cases and matches as
-- before, key case_id and match_id.
-- Read by: campaigns_by_picture, similar_pictures, rows_to_rank.sql, the staff's queries.
-- Written by: casebook/insert_pictures.sql, insert_worn_pictures.sql, insert_picture_outcomes.sql.
create temporary table cases_before as from cases;

-- DuckDB cannot change the check of a column: both tables are made anew.
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
            'logo-inside'
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
comment on column cases.kind is 'In which way the strongest match resembles the brand';
comment on column cases.score is '0 to 100: the signals added up';
comment on column cases.evidence is 'What the signals add up to, natural-log odds; tells equal scores apart';
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

insert into cases by name
from cases_before;

drop table cases_before;

create temporary table matches_before as from matches;

drop table matches;

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
        check (field in ('host', 'handle', 'display-name', 'app', 'image', 'image-text')),
    value varchar not null,
    term varchar not null,
    resemblance varchar not null
        check (resemblance in (
            'same-label', 'same-name', 'combosquat', 'typosquat', 'combo-typosquat', 'homograph',
            'combo-homograph', 'split-name', 'level-squat', 'free-host', 'same-image', 'near-image',
            'logo-inside'
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
    kinds varchar[],
    evidence map(varchar, float),
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
comment on column matches.kinds is 'The resemblance in the field''s words, as in keyboard-adjacent; null for pictures';
comment on column matches.evidence is 'What was measured of it, measure to value';
comment on column matches.suppressed is 'Why it is evidence for no case; null when it is evidence';
comment on column matches.detector is 'Name and version of what found it';
comment on column matches.tables is 'Versions of the data tables used';

insert into matches by name
from matches_before;

drop table matches_before;

create table pictures (
    image_sha256 varchar not null,
    detector varchar not null,
    format varchar,
    width integer,
    height integer,
    notes varchar[] not null,
    outcome varchar not null
        check (outcome in ('hashed', 'gated', 'undecodable')),
    reason varchar,
    frame varchar,
    region integer not null,
    region_kind varchar,
    box float[4],
    phash ubigint[4],
    signs ubigint[4],
    dct ubigint[4],
    unique (image_sha256, frame, region)
);

comment on table pictures is 'Hashes of the pictures that subjects of cases wear, and of those that are cases';
comment on column pictures.image_sha256 is 'Of the original bytes, as in worn_pictures and matches.value';
comment on column pictures.detector is 'Version of the hashes; those of different versions do not compare';
comment on column pictures.format is 'As Pillow names it; null when it could not be decoded';
comment on column pictures.width is 'Of the original as shown, pixels';
comment on column pictures.height is 'Of the original as shown, pixels';
comment on column pictures.notes is 'What was noticed while decoding, as in animated or truncated';
comment on column pictures.outcome is 'hashed, gated (says nothing by itself) or undecodable';
comment on column pictures.reason is 'Why it is gated or undecodable; null otherwise';
comment on column pictures.frame is 'Which picture of the file: first, last, largest, ...; null when undecodable';
comment on column pictures.region is 'Which region of the frame, from 0; -1 for the whole frame';
comment on column pictures.region_kind is 'In which way the region was cut out; null for the whole frame';
comment on column pictures.box is 'Left, top, width and height of the region as fractions of the frame';
comment on column pictures.phash is 'imagehash''s pHash(16), 256 bits in four words; whole frames only';
comment on column pictures.signs is 'Sign bits of the region''s descriptor, 256 bits in four words';
comment on column pictures.dct is 'DCT hash of the region, 256 bits in four words';

create table worn_pictures (
    brand_id varchar not null,
    subject_key varchar not null,
    image_sha256 varchar not null,
    look varchar not null,
    hashed boolean not null,
    imitator boolean not null,
    wearers bigint not null,
    imitators bigint not null,
    mostly_imitators boolean not null,
    brands_shown bigint not null,
    brands_named bigint not null,
    primary key (brand_id, subject_key, image_sha256)
);

comment on table worn_pictures is 'The pictures of subjects that resemble a brand, and how widely each is worn in the whole lake';
comment on column worn_pictures.brand_id is 'See brands';
comment on column worn_pictures.subject_key is 'See cases';
comment on column worn_pictures.image_sha256 is 'The picture that the subject wears, or is';
comment on column worn_pictures.look is 'The same for pictures that look the same: the smallest SHA-256 among them';
comment on column worn_pictures.hashed is 'False for a picture that is gated or could not be decoded: being shared, it says nothing';
comment on column worn_pictures.imitator is 'Whether the subject''s own name imitates the brand';
comment on column worn_pictures.wearers is 'Subjects that wear a picture of this look; from 100 on the first digit of it';
comment on column worn_pictures.imitators is 'Of these, those whose name imitates the brand; from 100 on the first digit of it';
comment on column worn_pictures.mostly_imitators is 'They are at least half of the wearers, counted in full';
comment on column worn_pictures.brands_shown is 'Brands whose logo was found in this picture';
comment on column worn_pictures.brands_named is 'Brands that the names of its wearers imitate';

create table picture_outcomes (
    outcome varchar not null,
    reason varchar not null,
    pictures bigint not null,
    primary key (outcome, reason)
);

comment on table picture_outcomes is 'What became of all pictures of the lake, and why some were not matched';
comment on column picture_outcomes.outcome is 'hashed, gated or undecodable';
comment on column picture_outcomes.reason is 'Why it was not matched; empty for hashed';
comment on column picture_outcomes.pictures is 'How many';
