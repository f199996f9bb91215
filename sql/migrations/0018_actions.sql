-- Takedown actions: what was drafted to whom, who approved which exact text, how it was sent, what
-- was answered. Texts, mails and reports lie in the evidence store by their SHA-256.
-- Grain: actions: one row per notice, key action_id; action_cases: one row per notice and case that
-- it is about, key (action_id, case_id); action_replies: one row per answer, key (action_id,
-- position).
-- Read by: action_detail, due_actions, namaak/casework/notices/reading.py, packs, the staff's
-- queries. Written by: casebook/put_actions.sql, put_action_cases.sql, insert_action_replies.sql.
create table actions (
    action_id varchar primary key,
    route varchar not null,
    provider_id varchar,
    provider_name varchar,
    scope varchar not null,
    channel varchar not null check (channel in ('mail', 'form', 'api', 'post')),
    address varchar,
    template varchar not null,
    template_version varchar not null,
    language varchar not null,
    state varchar not null
        check (state in (
            'draft', 'approved', 'sent', 'acknowledged', 'info-requested', 'accepted', 'denied',
            'no-reply', 'executed', 'withdrawn'
        )),
    attempt integer not null check (attempt >= 1),
    rung varchar,
    campaign_id varchar,
    reference varchar not null,
    subject_line varchar not null,
    message_id varchar not null,
    fields varchar not null,
    given varchar not null,
    missing varchar not null,
    text_sha256 varchar not null,
    eml_sha256 varchar,
    xarf_sha256 varchar,
    form_sha256 varchar,
    pack_sha256 varchar,
    content_sha256 varchar not null,
    drafted_at timestamptz not null,
    drafted_by varchar not null,
    captured_at timestamptz,
    approved_at timestamptz,
    approved_by varchar,
    approved_sha256 varchar,
    without_capture varchar,
    statements varchar not null,
    sending_at timestamptz,
    sending_by varchar,
    sending_says varchar,
    sent_at timestamptz,
    sent_by varchar,
    sent_how varchar check (sent_how in ('smtp', 'by-hand')),
    sent_sha256 varchar,
    acknowledged_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    provider_ref varchar,
    outcome varchar,
    due_at timestamptz,
    updated_at timestamptz not null,
    revision integer not null check (revision >= 1)
);

comment on table actions is 'Notices to providers, from draft to end; nothing goes out that a person did not approve';
comment on column actions.action_id is 'NA- and 12 characters';
comment on column actions.route is 'What measures are told by: the rung, or where there is none the scope';
comment on column actions.provider_id is 'Of the table of providers; null for an address that is in none';
comment on column actions.provider_name is 'As people write it';
comment on column actions.scope is 'What the provider is to the subject: host, network, registrar, registry, cdn, platform, ...';
comment on column actions.channel is 'How it goes: mail, form, api or post';
comment on column actions.address is 'Mail address, address of the form or of the service; null where a person knows it';
comment on column actions.template is 'Name of the template';
comment on column actions.template_version is 'Its version';
comment on column actions.language is 'en or nl';
comment on column actions.state is 'Axis three of its cases';
comment on column actions.attempt is 'From 1: the how manieth notice about these cases at this provider';
comment on column actions.rung is 'Of the ladder, as in platform, host, cdn, registrar, upstream; null where no ladder led to it';
comment on column actions.campaign_id is 'The campaign of its cases at drafting; one notice per provider and campaign';
comment on column actions.reference is 'Stands in the subject of every mail of one thread: action_id of its first attempt';
comment on column actions.subject_line is 'Subject of the mail, heading of the letter';
comment on column actions.message_id is 'Of the mail, without angle brackets; answers name it';
comment on column actions.fields is 'JSON: what the template was filled with';
comment on column actions.given is 'JSON: what a person said at drafting, which is said again when it is drafted anew';
comment on column actions.missing is 'JSON list of field and what to do; it must be empty before approval';
comment on column actions.text_sha256 is 'Of the text, in the evidence store';
comment on column actions.eml_sha256 is 'Of the mail as it was approved, without Date; null where none is sent';
comment on column actions.xarf_sha256 is 'Of the XARF report; null where the template has none';
comment on column actions.form_sha256 is 'Of what to paste where; null where there is no form';
comment on column actions.pack_sha256 is 'Of the evidence pack that is attached; null where none is';
comment on column actions.content_sha256 is 'Over all that would go out and to whom';
comment on column actions.drafted_at is 'When it was last drafted (UTC)';
comment on column actions.drafted_by is 'Who had it drafted';
comment on column actions.captured_at is 'The oldest of the last captures of its cases (UTC); null when one has none';
comment on column actions.approved_at is 'When a person approved it (UTC); null while nobody did';
comment on column actions.approved_by is 'That person';
comment on column actions.approved_sha256 is 'content_sha256 of what was approved; also in the history';
comment on column actions.without_capture is 'Why it was approved without a fresh capture; null where there was one';
comment on column actions.statements is 'JSON: the statements that whoever approves it makes, by name';
comment on column actions.sending_at is 'When a sending began of which no result is known (UTC); null otherwise';
comment on column actions.sending_by is 'Who began it';
comment on column actions.sending_says is 'What the mail server said last, or why it is not known whether it took the mail';
comment on column actions.sent_at is 'When it went out (UTC)';
comment on column actions.sent_by is 'Who sent it';
comment on column actions.sent_how is 'smtp: by namaak; by-hand: by that person';
comment on column actions.sent_sha256 is 'Of the mail as the server took it, with its Date; null where a person sent it';
comment on column actions.acknowledged_at is 'First receipt from the provider (UTC)';
comment on column actions.answered_at is 'First answer of substance: asks, accepts or denies (UTC)';
comment on column actions.ended_at is 'When it was executed, denied or withdrawn (UTC)';
comment on column actions.provider_ref is 'The provider''s own number of it';
comment on column actions.outcome is 'One sentence on how it ended';
comment on column actions.due_at is 'When an answer is overdue (UTC); null while none is awaited';
comment on column actions.updated_at is 'When anything of it last changed (UTC)';
comment on column actions.revision is 'Counts the changes of this row, from 1';

create table action_cases (
    action_id varchar not null,
    case_id varchar not null,
    updated_at timestamptz not null,
    primary key (action_id, case_id)
);

comment on table action_cases is 'Which cases a notice is about';
comment on column action_cases.action_id is 'See actions';
comment on column action_cases.case_id is 'See cases';
comment on column action_cases.updated_at is 'When it was added (UTC)';

create table action_replies (
    action_id varchar not null,
    position integer not null check (position >= 1),
    received_at timestamptz not null,
    channel varchar not null,
    sender varchar,
    summary varchar,
    content_sha256 varchar not null,
    state_after varchar not null,
    logged_by varchar not null,
    logged_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (action_id, position)
);

comment on table action_replies is 'What was answered to notices, as it came; the bytes are in the evidence store';
comment on column action_replies.action_id is 'See actions';
comment on column action_replies.position is 'Order of logging, from 1';
comment on column action_replies.received_at is 'When it came (UTC), as the reply or the person says';
comment on column action_replies.channel is 'mail, form, telephone, ...';
comment on column action_replies.sender is 'Who wrote, as the reply says';
comment on column action_replies.summary is 'Its subject, or what the person made of it';
comment on column action_replies.content_sha256 is 'Of the reply as it came, in the evidence store';
comment on column action_replies.state_after is 'State of the notice after it';
comment on column action_replies.logged_by is 'Who logged it';
comment on column action_replies.logged_at is 'When it was logged (UTC)';
comment on column action_replies.updated_at is 'As logged_at: replies are never changed (UTC)';
