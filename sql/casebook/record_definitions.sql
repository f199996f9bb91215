-- Remembers from which files the views and macros were created.
-- Grain: one row. Key: what. Binds: digest.
-- Reads: definitions. Read by: namaak/casework/migrations.py.
insert or replace into definitions (what, digest)
values ('views', $digest);
