-- Takes an answer out of the count; what it said stays in the findings.
-- Grain: one row. Key: sha256. Binds: sha256.
-- Reads: answers. Read by: Answers.forget.
delete from answers
where sha256 = ?;
