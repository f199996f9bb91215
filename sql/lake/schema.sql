-- The lake's manifest (SQLite): which files count, how far each source was read, what was matched.
-- Grain and key: per table below. A Parquet file that no row here names does not count.
-- Read and written by: namaak.lake alone.
create table if not exists cursors (            -- one row per source and instance: key
    source text not null,
    instance text not null,
    label text not null,                        -- the instance as people know it
    next_position integer not null,             -- everything before it is in batches
    complete integer not null,                  -- 1: read to its end
    updated_at text not null,
    primary key (source, instance)
);

create table if not exists batches (            -- one row per batch: key
    batch_id text primary key,
    source text not null,
    instance text not null,
    label text not null,
    start_position integer not null,
    end_position integer not null,
    rows integer not null,
    first_seen_rows integer not null,
    rejected integer not null,
    skipped integer not null,                   -- blank lines, comments, headings
    gathered_at text not null,
    number integer not null unique              -- the order in which they came
);

create table if not exists instance_states (    -- one row per source and instance: key
    source text not null,
    instance text not null,
    state text not null,                        -- the source's own JSON, of the same moment
    primary key (source, instance)
);

create table if not exists gaps (               -- one row per range left out on purpose: key
    source text not null,
    instance text not null,
    label text not null,
    start_position integer not null,
    end_position integer not null,
    reason text not null,
    recorded_at text not null,
    primary key (source, instance, start_position, end_position)
);

create table if not exists heads (              -- one row per signed head that is kept: key
    source text not null,
    instance text not null,
    size integer not null,
    root text not null,                         -- hex
    verdict text not null,                      -- "verified", or what is wrong with it
    signed_at text,                             -- what it says itself
    received_at text not null,
    key_id text,
    signed_text text not null,                  -- as it was received
    primary key (source, instance, size, root, verdict)
);

create table if not exists attempts (           -- one row per failure and day: key
    source text not null,
    instance text not null,
    label text not null,
    failure text not null,                      -- class; see namaak.errors.Failure
    status integer not null,                    -- of HTTP; 0: there was no answer
    day text not null,
    attempts integer not null,
    last_url text not null,
    last_says text not null,
    last_at text not null,
    primary key (source, instance, failure, status, day)
);

create table if not exists stops (              -- one row per time an instance was stopped: key
    source text not null,
    instance text not null,
    number integer not null,                    -- 1, 2, ... of the instance
    why text not null,
    stopped_at text not null,
    resumed_at text,                            -- null: it is stopped
    resumed_by text,
    primary key (source, instance, number)
);

create table if not exists batch_trust (        -- one row per batch and kind of trust: key
    batch_id text not null references batches (batch_id),
    trust text not null,
    rows integer not null,
    primary key (batch_id, trust)
);

create table if not exists segments (           -- one row per file of sorted name hashes: key
    name text primary key,
    hashes integer not null
);

create table if not exists watch_sets (         -- one row per set of brands and brand: key
    set_id text not null,
    brand_id text not null,
    fingerprint text not null,                  -- of what decides the brand's matches
    primary key (set_id, brand_id)
);

create table if not exists detections (         -- one row per time a batch was matched: key
    batch_id text not null references batches (batch_id),
    number integer not null,                    -- 1, 2, ...; of each brand the latest counts
    set_id text not null,
    matches integer not null,                   -- 0: there is no Parquet file
    detected_at text not null,
    primary key (batch_id, number)
);

create table if not exists faint_pairs (        -- one row per detection and brand: key
    batch_id text not null,
    number integer not null,
    brand_id text not null,
    pairs integer not null,                     -- names that resemble it too faintly to be kept
    primary key (batch_id, number, brand_id)
);

create table if not exists picture_files (      -- one row per file of described pictures: key
    batch_id text not null references batches (batch_id),
    number integer not null,                    -- of the detection that wrote it
    pictures integer not null,
    primary key (batch_id, number)
);

create table if not exists pictures (           -- one row per picture and version of hashes: key
    sha256 text not null,
    detector text not null,
    outcome text not null,                      -- "hashed", "gated" or "undecodable"
    reason text,                                -- why it is gated or undecodable
    batch_id text not null,                     -- the detection that described it
    number integer not null,
    primary key (sha256, detector)
) without rowid;

create table if not exists forgettings (        -- one row per batch that was examined: key
    batch_id text primary key references batches (batch_id),
    forgotten integer not null,                 -- rows of bystanders that are gone
    waiting integer not null,                   -- rows of bystanders that are shown to this day
    examined_at text not null
);

create table if not exists forgotten_segments ( -- one row per file of hashes of what is gone: key
    name text primary key,
    hashes integer not null
);

create table if not exists forgotten_pictures ( -- one row per picture to look after: key
    sha256 text primary key
) without rowid;

-- An older version kept here what `pictures` keeps for all.
drop table if exists image_notes;
