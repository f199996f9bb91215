-- Weights learned from verdicts, version by version; the evidence as it stood when a person gave a
-- verdict; and what other cases' verdicts say of a case that is tied to them.
-- Grain: weight_versions: one row per fit that was kept, key version; judged_signals: one row per
-- signal of a case at its last verdict, key (case_id, position); tied_traits: one row per brand and
-- subject that is tied to confirmed cases, key both.
-- Read by: weight_history, rows_to_rank.sql, namaak learn, the staff's queries. Written by:
-- casebook/insert_weight_version.sql, activate_weights.sql, insert_judged_signals.sql,
-- insert_tied_traits.sql.
create table weight_versions (
    version varchar primary key,
    made_at timestamptz not null,
    actor varchar not null,
    active boolean not null,
    verdicts integer not null check (verdicts >= 0),
    fitted_on varchar not null,
    weights varchar not null,
    report varchar not null,
    better boolean not null,
    activated_at timestamptz,
    activated_by varchar,
    forced boolean not null default false,
    came_after varchar,
    withdrawn_at timestamptz,
    withdrawn_by varchar,
    updated_at timestamptz not null
);

comment on table weight_versions is 'Weights fitted to the verdicts of people; at most one is active, and without one the shipped weights count';
comment on column weight_versions.version is 'w- and eight digits made from the weights and the ranking they were fitted on';
comment on column weight_versions.made_at is 'When it was fitted first (UTC)';
comment on column weight_versions.actor is 'Who had it fitted';
comment on column weight_versions.active is 'The ranking multiplies by it';
comment on column weight_versions.verdicts is 'How many verdicts it was fitted to and measured on';
comment on column weight_versions.fitted_on is 'Version of the ranking whose weights it multiplies';
comment on column weight_versions.weights is 'JSON: name of a signal to what its contribution is multiplied by, as text; what is not named counts as shipped';
comment on column weight_versions.report is 'JSON: what the held-back verdicts said before and after, and which weights moved by how many verdicts';
comment on column weight_versions.better is 'The held-back verdicts fit it no worse than the weights before it';
comment on column weight_versions.activated_at is 'When it was activated last (UTC); null: never';
comment on column weight_versions.activated_by is 'Who did that';
comment on column weight_versions.forced is 'It was activated although the held-back verdicts fit it worse';
comment on column weight_versions.came_after is 'Which version was active before it; null: the shipped weights';
comment on column weight_versions.withdrawn_at is 'When somebody went back from it last (UTC)';
comment on column weight_versions.withdrawn_by is 'Who did that';
comment on column weight_versions.updated_at is 'When this row last changed (UTC)';

create table judged_signals (
    case_id varchar not null,
    position integer not null,
    name varchar not null,
    contribution double not null,
    rank_version varchar not null,
    judged_at timestamptz not null,
    primary key (case_id, position)
);

comment on table judged_signals is 'The signals of a case as they stood when it was last confirmed or dismissed: what the verdict was about, whatever is seen later';
comment on column judged_signals.case_id is 'See cases';
comment on column judged_signals.position is 'See signals';
comment on column judged_signals.name is 'See signals';
comment on column judged_signals.contribution is 'See signals; as that ranking weighed it';
comment on column judged_signals.rank_version is 'Version of the ranking that weighed it';
comment on column judged_signals.judged_at is 'When the verdict was given (UTC)';

create table tied_traits (
    brand_id varchar not null,
    subject_key varchar not null,
    traits struct(name varchar, raw varchar, says varchar)[] not null,
    primary key (brand_id, subject_key)
);

comment on table tied_traits is 'That people confirmed cases which something rare ties to this one; the ranking weighs it';
comment on column tied_traits.brand_id is 'See brands';
comment on column tied_traits.subject_key is 'See cases';
comment on column tied_traits.traits is 'Name, value seen, and one sentence for a person';
