-- Copies what the signals of cases say into the cases, so that no list has to read signals.
-- Grain: one row per case. Key: case_id.
-- Reads: touched_cases (Arrow), signals, cases. Read by: namaak/casework/working.py.
update cases
set reasons = told.reasons
from (
    select
        touched_cases.case_id,
        coalesce(
            to_json(
                list(signals.says order by signals.contribution desc, signals.position)
                filter (signals.says is not null)
            )::varchar,
            '[]'
        ) as reasons
    from touched_cases
    left join signals on touched_cases.case_id = signals.case_id
    group by touched_cases.case_id
) as told
where cases.case_id = told.case_id and cases.reasons is distinct from told.reasons;
