-- Writes down who was told of what; told again after a failure, it is the same row.
-- Grain: one row per alert. Key: alert_id. Binds: now.
-- Reads: incoming_alerts, alerts. Read by: Telling.record_alerts.
insert into alerts by name
select
    alert_id,
    kind,
    case_id,
    brand_id,
    summary,
    outcome,
    1 as attempts,
    says,
    $now as told_at,
    $now as updated_at
from incoming_alerts
on conflict (alert_id) do update set
    outcome = excluded.outcome,
    attempts = alerts.attempts + 1,
    says = excluded.says,
    told_at = excluded.told_at,
    updated_at = excluded.updated_at;
