-- What was asked about hosts, beside the lake's manifest (SQLite): which files of answers count.
-- Grain and key: per table below. A Parquet file that no row here names does not count.
-- Read and written by: namaak.answers alone.
create table if not exists enrichment_files (   -- one row per file of findings: key
    name text primary key,
    findings integer not null,
    stored_at text not null
);

create table if not exists enrichments (        -- one row per finding: key
    subject_key text not null,
    aspect text not null,
    asked_at text not null,                     -- ISO 8601, UTC, six decimals: sorts as time does
    outcome text not null,
    says_something integer not null,            -- 1: about the host; 0: about our asking
    due_at text,                                -- null: only when somebody asks
    file text not null references enrichment_files (name),
    primary key (subject_key, aspect, asked_at)
) without rowid;

create index if not exists enrichments_by_file on enrichments (file);

create table if not exists answers (            -- one row per answer kept as it came: key
    sha256 text primary key,
    media_type text not null,
    bytes integer not null,
    stored_at text not null
) without rowid;
