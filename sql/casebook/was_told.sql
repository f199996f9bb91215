-- Whether somebody was told of this already.
-- Grain: one row, or none. Key: alert_id. Binds: alert_id.
-- Reads: alerts. Read by: was_told.
select alert_id
from alerts
where alert_id = ? and outcome = 'told';
