-- Stores the ties between cases.
-- Grain: one row per pair of cases, reason and value. Key: all four.
-- Reads: staged_edges. Read by: Campaigns.record_campaigns.
insert into campaign_edges (one_case_id, other_case_id, reason, value, says, shared_by)
select one_case_id, other_case_id, reason, value, says, shared_by
from staged_edges
order by one_case_id, other_case_id, reason, value;
