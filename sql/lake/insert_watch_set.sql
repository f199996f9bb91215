-- Records one brand of a set.
-- Grain: one row. Key: set_id, brand_id.
insert into watch_sets (set_id, brand_id, fingerprint)
values (?, ?, ?)
on conflict (set_id, brand_id) do nothing;
