-- What a source has spent of what it may spend, day by day (SQLite).
-- Grain: one row per kind of spending, on whose account, and day. Key: unit, account, day.
-- Read and written by: namaak/sources/profiles/spending.py.
create table if not exists spending (
    unit text not null,                         -- "units", "cents", ...
    account text not null,                      -- a brand, or "" for all
    day text not null,                          -- UTC, ISO
    amount integer not null,
    primary key (unit, account, day)
);
