-- Hosts of cases that can send or take mail and show no site: made for mail fraud, or not yet used.
-- Grain: one row per case. Key: case_id.
-- Reads: host_details, cases. Read by: staff, with `namaak sql`.
select
    cases.case_id,
    cases.brand_name,
    cases.subject as host,
    cases.band,
    cases.score,
    cases.subject_state,
    host_details.mail_servers,
    host_details.spf,
    host_details.dmarc_policy,
    host_details.registered_at,
    host_details.known_at
from host_details
inner join cases on host_details.subject_key = cases.subject_key
where
    host_details.mail_capable
    and (host_details.mail_without_web or host_details.page_kind in ('empty', 'default-server'))
    and cases.workflow not in ('dismissed', 'closed')
order by cases.score desc, cases.case_id;
