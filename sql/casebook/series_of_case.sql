-- The undecided cases of the series that a case belongs to, that case included.
-- Grain: one row per case. Key: case_id. Binds: case_id.
-- Reads: cases. Read by: series_of_case.
select others.case_id
from cases
inner join cases as others
    on cases.brand_id = others.brand_id
    and (cases.series = others.series or cases.case_id = others.case_id)
where
    cases.case_id = ?
    and (others.workflow in ('new', 'triage', 'reopened') or others.case_id = cases.case_id)
order by others.case_id;
