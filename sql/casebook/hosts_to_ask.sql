-- Hosts of cases that people still care about, the worst first. The score and not the band: what a
-- gate holds down because it does not exist today may exist tomorrow.
-- Grain: one row per case. Key: case_id. Binds: least_score.
-- Reads: cases, enrichments. Read by: hosts_to_ask in namaak/casework/reading.py.
select
    case_id,
    subject_key,
    subject as host,
    score,
    coalesce(evidence, 0) as evidence
from cases
where
    subject_kind = 'host'
    and workflow not in ('dismissed', 'closed')
    and (
        score >= $least_score
        or workflow in ('confirmed', 'enforcing', 'watching', 'snoozed', 'resolved')
        -- Looked at once, it may have been what it looked like that brought the score down.
        or (score > 0 and subject_key in (select subject_key from enrichments))
    )
order by score desc, evidence desc, case_id;
