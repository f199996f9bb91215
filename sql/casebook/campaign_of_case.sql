-- The campaign that a case belongs to.
-- Grain: one row, or none. Key: campaign_id. Binds: case_id.
-- Reads: campaign_members. Read by: campaign_of_case in namaak/casework/reading.py.
select campaign_id
from campaign_members
where case_id = ?;
