-- The same for what was looked for in vain.
-- Grain: none. Key: none. Binds: case_id. Reads: contact_failures. Read by: ContactBook.record_contacts.
delete from contact_failures
where case_id = ?;
