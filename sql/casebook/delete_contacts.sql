-- What stood of whom to write to about a case makes way for what is known now.
-- Grain: none. Key: none. Binds: case_id. Reads: contacts. Read by: ContactBook.record_contacts.
delete from contacts
where case_id = ?;
