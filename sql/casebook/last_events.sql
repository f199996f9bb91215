-- Where the chain of each given case ends.
-- Grain: one row per case that has events. Key: case_id.
-- Reads: events, wanted_cases (Arrow). Read by: Casebook.
select
    events.case_id,
    max(events.case_seq) as case_seq,
    arg_max(events.hash, events.case_seq) as hash
from events
inner join wanted_cases on events.case_id = wanted_cases.case_id
group by events.case_id;
