-- Where contacts of a part of all cases were looked for in vain, as their digest is made.
-- Grain: one row per failure. Key: (case_id, scope, source, subject). Binds: after, up_to (cases).
-- Reads: contact_failures. Read by: namaak/casework/audit.py.
select
    case_id,
    scope,
    source,
    subject,
    says
from contact_failures
where case_id > $after and case_id <= $up_to
order by case_id;
