-- Adds to what was spent on a day.
-- Grain: one row per unit, account and day. Key: unit, account, day.
-- Writes: spending. Run by: namaak/sources/profiles/spending.py.
insert into spending (unit, account, day, amount)
values (?, ?, ?, ?)
on conflict (unit, account, day) do update set amount = amount + excluded.amount;
