-- Whom to write to about a case, the first to try first.
-- Grain: one row per contact. Key: (scope, channel, address, source). Binds: case_id.
-- Reads: contacts. Read by: contacts_of.
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
    note,
    checked_at,
    updated_at
from contacts
where case_id = ?
order by rank;
