-- Writes down when cases are looked at again, and with what they are compared.
-- Grain: one row per case. Key: case_id.
-- Reads: incoming_check_plans (Arrow). Read by: Checks.record_checks.
insert or replace into check_plans by name
from incoming_check_plans;
