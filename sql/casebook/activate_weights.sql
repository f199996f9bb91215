-- Makes one version of the weights the active one, and every other inactive.
-- Grain: one row per version. Key: version. Binds: version, now, actor, forced, came_after.
-- Read by: Learning.activate_weights.
update weight_versions
set
    active = (version = $version),
    activated_at = case when version = $version then $now else activated_at end,
    activated_by = case when version = $version then $actor else activated_by end,
    forced = case when version = $version then $forced else forced end,
    came_after = case when version = $version then $came_after else came_after end,
    updated_at = $now
where active or version = $version;
