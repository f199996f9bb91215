-- Re-checks: whether what was decided about is still there, as seen from every place that looks, and
-- when each case is looked at again.
-- Grain: checks: one row per case, time and place, key (case_id, checked_at, vantage); check_plans:
-- one row per case that is followed, key case_id.
-- Read by: follow_up, relapses, casebook/cases_to_recheck.sql, casebook/checks_of_case.sql, staff.
-- Written by: casebook/insert_checks.sql, upsert_check_plans.sql.
create table checks (
    case_id varchar not null,
    checked_at timestamptz not null,
    vantage varchar not null,
    state varchar not null
        check (state in (
            'unknown', 'unregistered', 'registered', 'parked', 'live', 'blocked-view',
            'unreachable', 'removed', 'suspended', 'transferred'
        )),
    down boolean,
    dns varchar,
    http_status integer,
    final_url varchar,
    title varchar,
    facts varchar not null,
    content_sha256 varchar,
    says varchar not null,
    rests_on varchar,
    names_by varchar,
    pages_by varchar,
    addresses varchar,
    left_out integer,
    row_sha256 varchar,
    primary key (case_id, checked_at, vantage)
);

comment on table checks is 'Looks again at what was decided about, one row per place that looked; rows of one case and time belong together';
comment on column checks.case_id is 'See cases';
comment on column checks.checked_at is 'When this round of looking began (UTC); of accounts and apps, when the platform showed it';
comment on column checks.vantage is 'From where: here, a name of [[vantages]], or platform, whose own word it is';
comment on column checks.state is 'What this place saw, of several addresses at the one that decided; unknown is not absent';
comment on column checks.down is 'true: evidence that it is gone; false: evidence that it is there; null: it cannot be told';
comment on column checks.dns is 'What the DNS said: answered, empty, absent, or why it said nothing; null where it was not asked';
comment on column checks.http_status is 'Of the page that decided: one that is there, else one that cannot be told, else the front page; null where no page answered';
comment on column checks.final_url is 'Where that page ended, behind its redirects';
comment on column checks.title is 'Of that page, or the visible name of an account';
comment on column checks.facts is 'What is compared with the next check, aspect by aspect, as canonical JSON; an aspect that could not be told is left out';
comment on column checks.content_sha256 is 'SHA-256 of that page as it came, in the folder of evidence; null where nothing came';
comment on column checks.says is 'A sentence: why it counts as down, as there, or as neither';
comment on column checks.rests_on is 'On what its word rests: names (the DNS), registry (the DNS and the registry''s own word), page, platform; null where nothing could be told';
comment on column checks.names_by is 'Resolvers that were asked for names; null where none was';
comment on column checks.pages_by is 'Whose address the page saw: this machine, or a proxy of [[vantages]]; null where no page is asked for';
comment on column checks.addresses is 'JSON list of the pages that were asked for, the front page first: url, state, down, says, final_url, http_status, asks (for a password or a card); null where none was';
comment on column checks.left_out is 'Known addresses that may be the case''s own and were not looked at: too many, written so that no look is taken, or named by a person and of a host to which it was never seen to lead; null in rows of older versions';
comment on column checks.row_sha256 is 'SHA-256 over canonical JSON of the other columns that are not null; the event that rests on this row names it; null in rows of older versions';

create table check_plans (
    case_id varchar primary key,
    due_at timestamptz not null,
    interval_s bigint not null check (interval_s > 0),
    quiet_since timestamptz not null,
    baseline varchar not null,
    resolves_at timestamptz,
    updated_at timestamptz not null
);

comment on table check_plans is 'When each followed case is looked at again, and with what it is compared';
comment on column check_plans.case_id is 'See cases';
comment on column check_plans.due_at is 'When it is looked at again (UTC), or as soon after as a run comes';
comment on column check_plans.interval_s is 'Seconds between the last check and that time';
comment on column check_plans.quiet_since is 'Since when nothing has happened to it (UTC): the longer, the rarer it is looked at';
comment on column check_plans.baseline is 'What it looked like at the first look, or when a change was last told: canonical JSON, place by place and aspect by aspect';
comment on column check_plans.resolves_at is 'When it will count as resolved if it is seen down until then (UTC); null while it is not down';
comment on column check_plans.updated_at is 'When this plan was made (UTC)';
