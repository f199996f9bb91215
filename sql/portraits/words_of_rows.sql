-- Which rows of some subjects are more than the account's own claim: the platform's word, or that of
-- the operator's own list.
-- Grain: one row per batch, position and subject. Key: all three.
-- Reads: observation_rows, asked_subjects. Read by: namaak/portraits/ownership.py.
select
    parse_filename(filename, true) as batch_id,
    position,
    subject_key
from observation_rows
where subject_key in (select subject_key from asked_subjects)
group by batch_id, position, subject_key
having bool_and(coalesce(trust = 'platform', true));
