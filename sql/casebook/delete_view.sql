-- Forgets a saved view.
-- Grain: one row. Key: name. Binds: name.
-- Reads: saved_views. Read by: Desk.delete_view.
delete from saved_views
where name = ?
returning name;
