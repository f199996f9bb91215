-- What the source `permutations` knows of names, and which names its unfinished batch is about.
-- Grain: one row per name; one row per name of the batch. Key: host; position.
-- Read by: namaak/sources/permuting/memory.py, in data/sources/permutations/memory.sqlite (SQLite).
create table if not exists answers (
    host text not null primary key,
    existence text not null, -- namaak.resolving.existence.Existence
    reason text not null,
    asked_at integer not null, -- microseconds since 1970, like all times here
    due_at integer not null, -- asked again from then on
    failures integer not null -- how often in a row nobody told
) without rowid;

create index if not exists unanswered on answers (due_at) where existence = 'unknown';

create table if not exists planned (
    position integer not null primary key,
    host text not null,
    fingerprint text not null, -- of the names that the plan was made from
    state text not null, -- what the source goes on with when the batch is stored
    planned_at integer not null
);
