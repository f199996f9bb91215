-- How many subjects of brands have matches in the casebook.
-- Grain: one row. Key: none.
-- Reads: matches. Read by: Learning.pairs.
select count(distinct (brand_id, subject_key)) as pairs
from matches;
