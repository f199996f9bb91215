-- Which of these hosts are cases of a brand, and whether a person dismissed each.
-- Grain: one row per brand and host. Key: (brand_id, host). Binds: hosts.
-- Reads: cases. Read by: cases_at in namaak/casework/followup/reading.py.
select
    brand_id,
    subject as host,
    bool_or(workflow <> 'dismissed') as counts
from cases
where subject_kind = 'host' and list_contains($hosts, subject)
group by brand_id, subject
order by brand_id, host;
