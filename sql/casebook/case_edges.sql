-- What ties one case to others, the other case first named.
-- Grain: one row per other case and reason. Key: (case_id, reason, value). Binds: case_id.
-- Reads: campaign_edges, cases. Read by: read_case.
with
edges as (
    select other_case_id as case_id, reason, value, says, shared_by
    from campaign_edges
    where one_case_id = $case_id
    union all
    select one_case_id as case_id, reason, value, says, shared_by
    from campaign_edges
    where other_case_id = $case_id
)
select
    edges.case_id,
    cases.subject,
    cases.brand_id,
    cases.band,
    edges.reason,
    edges.value,
    edges.says,
    edges.shared_by
from edges
inner join cases on edges.case_id = cases.case_id
order by edges.reason, cases.subject, edges.case_id, edges.value;
