-- Captures of a part of all cases, with what the history says of each.
-- Grain: one row per capture. Key: capture_id. Binds: after, up_to (cases).
-- Reads: captures. Read by: namaak/casework/audit.py.
select
    case_id,
    capture_id,
    url,
    final_url,
    vantage,
    outcome,
    reason,
    http_status,
    wacz_sha256,
    full_sha256,
    view_sha256,
    dom_sha256,
    text_sha256,
    tls_sha256,
    warc_sha256,
    ct_sha256,
    document_sha256,
    operator as told_by,
    ended_at as told_at
from captures
where case_id > $after and case_id <= $up_to
order by case_id, capture_id;
