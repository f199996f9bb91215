-- Drops the signals of the cases that were weighed anew.
-- Grain: one row per signal. Key: (case_id, position).
-- Reads: weighed_cases (Arrow). Read by: Casebook.
delete from signals
where case_id in (select case_id from weighed_cases);
