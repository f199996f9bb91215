-- Saves a view, or another one under its name.
-- Grain: one row. Key: name. Binds: name, author, query, now.
-- Reads: saved_views. Read by: Desk.save_view.
insert into saved_views (name, author, query, made_at, updated_at)
values ($name, $author, $query, $now, $now)
on conflict (name) do update set
    author = excluded.author,
    query = excluded.query,
    updated_at = excluded.updated_at;
