-- Removes what was kept of earlier verdicts about the cases that are judged now.
-- Grain: one row per signal. Key: (case_id, position).
-- Reads: incoming_judged (Arrow). Read by: Working.
delete from judged_signals
where case_id in (select case_id from incoming_judged);
