-- What was spent since a day, on one account or, for null, on all of them.
-- Grain: one row. Key: none.
-- Reads: spending. Read by: namaak/sources/profiles/spending.py.
select coalesce(sum(amount), 0) as amount
from spending
where
    unit = :unit
    and day >= :since
    and (:account is null or account = :account);
