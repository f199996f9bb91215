-- Drops the answers about the hosts that were looked at again, to be copied anew.
-- Grain: one row per host, aspect and time. Key: (subject_key, aspect, asked_at).
-- Reads: incoming_enrichments (Arrow). Read by: Casebook.record_enrichments.
delete from enrichments
where subject_key in (select subject_key from incoming_enrichments);
