-- Write down whom to write to.
-- Grain: one row per contact. Key: (case_id, scope, channel, address, source).
-- Reads: incoming_contacts. Read by: ContactBook.record_contacts.
insert into contacts by name
from incoming_contacts;
