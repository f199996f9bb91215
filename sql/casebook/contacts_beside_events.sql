-- Whom to write to about a part of all cases, as its digest is made.
-- Grain: one row per contact. Key: (case_id, scope, channel, address, source). Binds: after, up_to
-- (cases).
-- Reads: contacts. Read by: namaak/casework/audit.py.
select
    case_id,
    rank,
    scope,
    channel,
    address,
    source,
    provider_id,
    provider_name,
    curated,
    guess,
    subject,
    hop,
    why,
    note
from contacts
where case_id > $after and case_id <= $up_to
order by case_id;
