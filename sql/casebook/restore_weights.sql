-- Goes back from the active version of the weights to the one before it, or to the shipped ones.
-- Grain: one row per version. Key: version. Binds: before, actor, now.
-- Read by: Learning.go_back.
update weight_versions
set
    active = (version is not distinct from $before),
    withdrawn_at = case when active then $now else withdrawn_at end,
    withdrawn_by = case when active then $actor else withdrawn_by end,
    updated_at = $now
where active or version is not distinct from $before;
