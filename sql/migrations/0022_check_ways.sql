-- By which way each look again was made, and what its word rests on: places that share a way out see
-- the same page.
-- Grain: as checks. Key: (case_id, checked_at, vantage).
-- Read by: casebook/sights_of_cases.sql, casebook/checks_of_case.sql, staff.
-- Written by: casebook/insert_checks.sql.
alter table checks add column rests_on varchar;
alter table checks add column names_by varchar;
alter table checks add column pages_by varchar;

comment on column checks.rests_on is 'On what its word rests: names (the DNS), registry (the DNS and the registry''s own word), page, platform; null where nothing could be told';
comment on column checks.names_by is 'Resolvers that were asked for names; null where none was';
comment on column checks.pages_by is 'Whose address the page saw: this machine, or a proxy of [[vantages]]; null where no page is asked for';
