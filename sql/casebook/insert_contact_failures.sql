-- Write down where a contact was looked for in vain.
-- Grain: one row per failure. Key: (case_id, scope, source, subject).
-- Reads: incoming_contact_failures. Read by: ContactBook.record_contacts.
insert into contact_failures by name
from incoming_contact_failures;
