-- Keeps weights that were fitted; the same fit again changes nothing.
-- Grain: one row per version. Key: version.
-- Reads: incoming_versions (Arrow). Read by: Learning.keep_weights.
insert into weight_versions (
    version, made_at, actor, active, verdicts, fitted_on, weights, report, better, updated_at
)
select
    version, made_at, actor, false, verdicts, fitted_on, weights, report, better, made_at
from incoming_versions
where version not in (select version from weight_versions);
