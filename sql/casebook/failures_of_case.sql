-- Where a contact for a case was looked for in vain, and why.
-- Grain: one row per scope, source and subject. Key: all three. Binds: case_id.
-- Reads: contact_failures. Read by: failures_of.
select
    case_id,
    scope,
    source,
    subject,
    says,
    checked_at,
    updated_at
from contact_failures
where case_id = ?
order by scope, subject, source;
