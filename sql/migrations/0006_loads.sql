-- What each match file came to, so that what became no case is counted and not hidden.
-- Grain: one row per match file and brand; a file without matches has one row with brand ''.
-- Key: (match_file, brand_id).
-- Read by: the staff's queries, the run's report. Written by: casebook/insert_loads.sql.
create table loads (
    match_file varchar not null,
    brand_id varchar not null,
    matches bigint not null,
    suppressed bigint not null,
    below_watch bigint not null,
    cases_opened bigint not null,
    cases_refreshed bigint not null,
    loaded_at timestamptz not null,
    rank_version varchar not null,
    primary key (match_file, brand_id)
);

comment on table loads is 'Match files already loaded; each once, and again when the ranking changes';
comment on column loads.match_file is 'Name of the match file in the lake';
comment on column loads.brand_id is 'See brands; empty when the file had no matches at all';
comment on column loads.matches is 'Rows of the file for this brand';
comment on column loads.suppressed is 'Of these, rows that are evidence for no case, such as own domains';
comment on column loads.below_watch is 'Subjects that ranked below the lowest band and opened no case';
comment on column loads.cases_opened is 'Subjects that became a case';
comment on column loads.cases_refreshed is 'Subjects that were a case already';
comment on column loads.loaded_at is 'When (UTC)';
comment on column loads.rank_version is 'The ranking that weighed them last';
