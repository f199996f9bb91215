-- Whom to write to about a case, and what could not be found out.
-- Grain: contacts: one row per case, scope, channel, address and source, key all five;
-- contact_failures: one row per case, scope, source and thing asked about, key all four.
-- Read by: contacts_of_case.sql, failures_of_case.sql, the view whom_to_write_to, notices, packs.
-- Written by: casebook/insert_contacts.sql, insert_contact_failures.sql.
create table contacts (
    case_id varchar not null,
    scope varchar not null
        check (scope in (
            'platform', 'store', 'site-builder', 'host', 'network', 'cdn', 'registrar', 'registry',
            'mail', 'certificate', 'blocklist', 'clearing-house', 'dispute'
        )),
    channel varchar not null
        check (channel in ('mail', 'form', 'api', 'post')),
    address varchar not null,
    source varchar not null
        check (source in (
            'table', 'platforms', 'rdap', 'lookup', 'security-txt', 'guess'
        )),
    provider_id varchar,
    provider_name varchar,
    rank integer not null check (rank >= 1),
    curated boolean not null,
    guess boolean not null,
    subject varchar not null,
    hop integer not null check (hop >= 0),
    why varchar not null,
    note varchar not null,
    checked_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (case_id, scope, channel, address, source)
);

comment on table contacts is 'Whom to write to about each case, in which order, and who says so';
comment on column contacts.case_id is 'See cases';
comment on column contacts.scope is 'Whose door it is: of the platform, of who runs the address, of the registrar, ...';
comment on column contacts.channel is 'mail, form, api or post';
comment on column contacts.address is 'The mailbox, or the address of the form or interface';
comment on column contacts.source is 'Who says so: table and platforms came along, rdap is the registries'' answer, lookup a look-up of abuse contacts, security-txt the provider''s own file; guess is RFC 2142';
comment on column contacts.provider_id is 'Which of the table of providers it is; null where it is none of them';
comment on column contacts.provider_name is 'Who it is, as far as anybody says; null where nobody does';
comment on column contacts.rank is '1 is the first to try; over the whole case';
comment on column contacts.curated is 'A person put it into the table that came along';
comment on column contacts.guess is 'Nobody publishes it: abuse@ is a custom';
comment on column contacts.subject is 'What it is about: hosts, addresses, AS numbers, an account';
comment on column contacts.hop is 'At which step of the redirects: 0 is the case''s own host';
comment on column contacts.why is 'Why it ranks where it does';
comment on column contacts.note is 'What to know before writing there';
comment on column contacts.checked_at is 'When its source was last looked at (UTC)';
comment on column contacts.updated_at is 'When it was last written down (UTC)';

create table contact_failures (
    case_id varchar not null,
    scope varchar not null
        check (scope in (
            'platform', 'store', 'site-builder', 'host', 'network', 'cdn', 'registrar', 'registry',
            'mail', 'certificate', 'blocklist', 'clearing-house', 'dispute'
        )),
    source varchar not null
        check (source in (
            'table', 'platforms', 'rdap', 'lookup', 'security-txt', 'guess'
        )),
    subject varchar not null,
    says varchar not null,
    checked_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (case_id, scope, source, subject)
);

comment on table contact_failures is 'Where a contact was looked for in vain, or was refused, and why';
comment on column contact_failures.case_id is 'See cases';
comment on column contact_failures.scope is 'Whose door was looked for; see contacts';
comment on column contact_failures.source is 'Who was asked; see contacts';
comment on column contact_failures.subject is 'About what';
comment on column contact_failures.says is 'Why nothing came of it';
comment on column contact_failures.checked_at is 'When it was looked for (UTC)';
comment on column contact_failures.updated_at is 'When it was last written down (UTC)';
