-- Accounts and apps: what their profiles said and when, what of it says something of a case, which
-- handle turned out to be which account, and what ties cases together into campaigns.
-- Grain: profiles: one row per version of a profile, key (subject_key, version); profile_subjects:
-- one row per brand and subject that resembles it, key both; profile_batches: one row per batch that
-- was read, key batch_id; profile_traits: one row per brand and subject, key both; profile_ties: one
-- row per subject and value that others may share, key (subject_key, kind, value);
-- subject_aliases: one row per handle-only key and stretch of time, key (alias_key, held_from);
-- campaign_edges: one row per pair of cases and reason, key (one_case_id, other_case_id, reason,
-- value); campaign_members: one row per case in a campaign, key case_id; matches and events as
-- before, key match_id and seq.
-- Read by: account_history, latest_profiles, campaigns, rows_to_rank.sql, the staff's queries.
-- Written by: casebook/insert_profiles.sql, insert_profile_subjects.sql, insert_profile_batches.sql,
-- insert_profile_traits.sql, insert_profile_ties.sql, insert_subject_aliases.sql,
-- insert_campaign_edges.sql, insert_campaign_members.sql, insert_matches.sql, insert_events.sql.
create temporary table matches_before as from matches;

-- DuckDB cannot change the check of a column: the table is made anew.
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
        check (field in (
            'host', 'handle', 'display-name', 'app', 'bio', 'image', 'banner', 'image-text'
        )),
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

create table profiles (
    subject_key varchar not null,
    version integer not null,
    subject_kind varchar not null
        check (subject_kind in ('account', 'app')),
    platform varchar,
    native_id varchar,
    handle varchar,
    display_name varchar,
    bio varchar,
    url varchar,
    developer varchar,
    followers bigint,
    following bigint,
    posts bigint,
    created_at timestamptz,
    created_by varchar
        check (created_by in ('directory', 'platform', 'claim')),
    links varchar[],
    proved_links varchar[],
    contacts varchar[],
    verified varchar,
    flags varchar[],
    state varchar,
    image_sha256 varchar,
    banner_sha256 varchar,
    trust varchar,
    source varchar not null,
    instance varchar not null,
    position bigint not null,
    batch_id varchar not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    left_out bigint not null,
    primary key (subject_key, version)
);

comment on table profiles is 'What accounts and apps that resemble a brand, and the brands'' own, said of themselves and when; what was not said again stands as it stood';
comment on column profiles.subject_key is 'See cases';
comment on column profiles.version is 'Order of the versions of one subject, from 1 without gaps';
comment on column profiles.subject_kind is 'account or app';
comment on column profiles.platform is 'Which platform or store';
comment on column profiles.native_id is 'The platform''s permanent id; null where only a handle is known';
comment on column profiles.handle is 'As shown, in its original case, without @';
comment on column profiles.display_name is 'Also the title of an app';
comment on column profiles.bio is 'What it says of itself; empty when the platform shows none';
comment on column profiles.url is 'Where people see it';
comment on column profiles.developer is 'Apps: who published it';
comment on column profiles.followers is 'At the last sighting of this version';
comment on column profiles.following is 'At the last sighting of this version';
comment on column profiles.posts is 'At the last sighting of this version';
comment on column profiles.created_at is 'When it was made (UTC): by a directory of accounts its first entry, else the latest that was said';
comment on column profiles.created_by is 'Whose word that is: directory, platform, or a claim of whoever runs the account';
comment on column profiles.links is 'Addresses that it gives, as it gives them';
comment on column profiles.proved_links is 'Those whose target links back';
comment on column profiles.contacts is 'Of fields made for them: mail:..., phone:...';
comment on column profiles.verified is 'In which way the platform vouches for it; null when it was not said';
comment on column profiles.flags is 'What the platform says of it: its verdicts and labels';
comment on column profiles.state is 'live, removed or suspended; unknown when it was gone and showed new things since; null when it was not said';
comment on column profiles.image_sha256 is 'Avatar or icon';
comment on column profiles.banner_sha256 is 'The wide picture above it';
comment on column profiles.trust is 'How far the last sighting can be proved to others';
comment on column profiles.source is 'Which source showed this version last';
comment on column profiles.instance is 'Which file, list or server of that source';
comment on column profiles.position is 'Native position there';
comment on column profiles.batch_id is 'The batch of the lake it stands in';
comment on column profiles.first_seen_at is 'When this version was first seen, or was so by the source''s word (UTC)';
comment on column profiles.last_seen_at is 'When it was last seen (UTC)';
comment on column profiles.left_out is 'Versions between the one before and this one that only the lake keeps';

create table profile_subjects (
    brand_id varchar not null,
    subject_key varchar not null,
    own boolean not null,
    primary key (brand_id, subject_key)
);

comment on table profile_subjects is 'Accounts and apps that resembled a brand at any time, and the brands'' own: of these profiles are kept';
comment on column profile_subjects.brand_id is 'See brands';
comment on column profile_subjects.subject_key is 'See cases';
comment on column profile_subjects.own is 'It is the brand''s own: the watch file of then lists its permanent id, or the handle under which a platform showed it';

create table profile_batches (
    batch_id varchar not null,
    read_at timestamptz not null,
    primary key (batch_id)
);

comment on table profile_batches is 'Batches of the lake whose profiles were taken over';
comment on column profile_batches.batch_id is 'See batches';
comment on column profile_batches.read_at is 'When (UTC)';

create table profile_traits (
    brand_id varchar not null,
    subject_key varchar not null,
    reader varchar not null,
    told_at timestamptz not null,
    versions integer not null,
    traits struct(name varchar, raw varchar, says varchar)[] not null,
    ties struct(name varchar, raw varchar, says varchar)[] not null,
    primary key (brand_id, subject_key)
);

comment on table profile_traits is 'What a profile says for or against a case; the ranking weighs it';
comment on column profile_traits.brand_id is 'See brands';
comment on column profile_traits.subject_key is 'See cases';
comment on column profile_traits.reader is 'Version of what read it, and of the brand and its own accounts it was read for';
comment on column profile_traits.told_at is 'Last sighting of the profile that was read (UTC)';
comment on column profile_traits.versions is 'Versions of the profile that were read';
comment on column profile_traits.traits is 'By the detector: name, value seen, and one sentence for a person';
comment on column profile_traits.ties is 'What only the casebook knows: links to our own cases, contacts that other cases give';

create table profile_ties (
    subject_key varchar not null,
    kind varchar not null
        check (kind in ('bio', 'link', 'host', 'contact', 'payment')),
    value varchar not null,
    shown varchar not null,
    primary key (subject_key, kind, value)
);

comment on table profile_ties is 'Values of the last version of a profile that another subject may share';
comment on column profile_ties.subject_key is 'See cases';
comment on column profile_ties.kind is 'bio (a hash of its letters), link, host that it links to, contact or payment address';
comment on column profile_ties.value is 'In one spelling, so that equal values are equal';
comment on column profile_ties.shown is 'As people read it';

create table subject_aliases (
    alias_key varchar not null,
    subject_key varchar,
    held_from timestamptz not null,
    held_to timestamptz not null,
    outcome varchar not null
        check (outcome in ('same', 'ambiguous')),
    says varchar not null,
    primary key (alias_key, held_from)
);

comment on table subject_aliases is 'Accounts that were known by their handle only, and which account that was';
comment on column subject_aliases.alias_key is 'The key made of the handle, account:platform:@handle';
comment on column subject_aliases.subject_key is 'The key made of the permanent id; null where it cannot be told';
comment on column subject_aliases.held_from is 'From when on the account may have held the handle (UTC)';
comment on column subject_aliases.held_to is 'Until when, exclusive (UTC)';
comment on column subject_aliases.outcome is 'same, or ambiguous when several accounts may have held it then';
comment on column subject_aliases.says is 'One sentence for a person';

create table campaign_edges (
    one_case_id varchar not null,
    other_case_id varchar not null,
    reason varchar not null
        check (reason in (
            'picture', 'bio', 'link', 'contact', 'payment', 'links-to', 'certificate', 'favicon',
            'tracker', 'scripts', 'server', 'domain', 'series'
        )),
    value varchar not null,
    says varchar not null,
    shared_by integer not null,
    primary key (one_case_id, other_case_id, reason, value)
);

comment on table campaign_edges is 'Why two cases are taken to be of one hand';
comment on column campaign_edges.one_case_id is 'See cases; the older of both';
comment on column campaign_edges.other_case_id is 'See cases';
comment on column campaign_edges.reason is 'What they share';
comment on column campaign_edges.value is 'The shared value';
comment on column campaign_edges.says is 'One sentence for a person';
comment on column campaign_edges.shared_by is 'Cases that share the value';

create table campaign_members (
    case_id varchar not null,
    campaign_id varchar not null,
    primary key (case_id)
);

comment on table campaign_members is 'Which campaign a case belongs to: all that edges lead to from one';
comment on column campaign_members.case_id is 'See cases';
comment on column campaign_members.campaign_id is 'The case of the campaign that was opened first; see cases';

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
            'snoozed', 'assigned', 'reopened', 'closed', 'noted'
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
