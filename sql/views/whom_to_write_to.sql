-- Whom to write to about each case, the first to try first, with what stands against it.
-- Grain: one row per case and contact. Key: (case_id, scope, channel, address, source).
-- Reads: contacts, cases. Read by: staff.
create or replace view whom_to_write_to as
select
    contacts.case_id,
    cases.brand_name,
    cases.subject,
    cases.workflow,
    contacts.rank,
    contacts.scope,
    contacts.provider_name,
    contacts.channel,
    contacts.address,
    contacts.source,
    contacts.subject as about,
    contacts.why,
    contacts.note,
    contacts.checked_at
from contacts
inner join cases on contacts.case_id = cases.case_id
order by contacts.case_id, contacts.rank;
