-- Copies into the cases how many others of the brand wear the same picture.
-- Grain: one row per case. Key: case_id.
-- Reads: campaigns_by_picture, cases. Read by: namaak/casework/working.py.
update cases
set same_picture = told.same_picture
from (
    select
        cases.case_id,
        coalesce(shared.same_picture, 0) as same_picture
    from cases
    left join (
        select
            case_id,
            max(cases) - 1 as same_picture
        from (
            select
                unnest(case_ids) as case_id,
                cases
            from campaigns_by_picture
        ) as of_a_campaign
        group by case_id
    ) as shared on cases.case_id = shared.case_id
) as told
where cases.case_id = told.case_id and cases.same_picture is distinct from told.same_picture;
