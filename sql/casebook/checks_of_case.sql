-- Every look again at a case, oldest first, place by place.
-- Grain: one row per time and place. Key: (checked_at, vantage). Binds: case_id.
-- Reads: checks. Read by: checks_of in namaak/casework/followup/reading.py, packs.
select
    case_id,
    checked_at,
    vantage,
    state,
    down,
    dns,
    http_status,
    final_url,
    title,
    facts,
    content_sha256,
    says,
    rests_on,
    names_by,
    pages_by,
    addresses,
    left_out
from checks
where case_id = ?
order by checked_at, vantage;
