-- What became of all pictures of the lake: how many were hashed, and why the others were not.
-- Grain: one row per outcome and reason. Key: (outcome, reason).
-- Reads: picture_outcomes. Read by: staff, with `namaak sql`.
select
    outcome,
    reason,
    pictures,
    round(100.0 * pictures / sum(pictures) over (), 2) as percent
from picture_outcomes
order by outcome = 'hashed' desc, pictures desc, outcome, reason;
