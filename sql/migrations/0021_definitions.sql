-- From which files the views and macros were created, so that a writer need not create them again to
-- see that none changed.
-- Grain: one row per kind of definition. Key: what.
-- Read by: namaak/casework/migrations.py. Written by: casebook/record_definitions.sql.
create table definitions (
    what varchar primary key,
    digest varchar not null
);

comment on table definitions is 'From which files the views and macros were created last';
comment on column definitions.what is 'views: these, and the macros';
comment on column definitions.digest is 'SHA-256 over their names and checksums';
