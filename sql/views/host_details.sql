-- What is known of the hosts of cases, as last answered: who registered and hosts them, their mail,
-- certificate and page. Null is "could not be told", never "no".
-- Grain: one row per host that was looked at. Key: subject_key.
-- Reads: enrichments. Read by: the queries on what cases share, the console, staff.
create or replace view host_details as
with
known as (
    select
        subject_key,
        any_value(host) as host,
        max(asked_at) as known_at,
        any_value(facts) filter (aspect = 'dns') as dns,
        any_value(facts) filter (aspect = 'rdap') as rdap,
        any_value(facts) filter (aspect = 'network') as network,
        any_value(facts) filter (aspect = 'certificate') as certificate,
        any_value(facts) filter (aspect = 'page') as page,
        any_value(facts) filter (aspect = 'screenshot') as screenshot
    from enrichments
    where known
    group by subject_key
)
select
    subject_key,
    host,
    dns ->> '$.registrable' as registrable,
    try_cast(dns ->> '$.exists' as boolean) as exists_in_dns,
    try_cast(dns ->> '$.delegated' as boolean) as delegated,
    from_json(dns -> '$.addresses', '["varchar"]') as addresses,
    from_json(dns -> '$.name_servers', '["varchar"]') as name_servers,
    from_json(dns -> '$.mail_servers', '["varchar"]') as mail_servers,
    try_cast(dns ->> '$.mail_capable' as boolean) as mail_capable,
    try_cast(dns ->> '$.mail_without_web' as boolean) as mail_without_web,
    dns ->> '$.spf' as spf,
    dns ->> '$.dmarc_policy' as dmarc_policy,
    try_cast(dns ->> '$.wildcard' as boolean) as wildcard,
    dns ->> '$.parking[0].service' as parking_service,
    rdap ->> '$.registrar' as registrar,
    rdap ->> '$.registrar_iana_id' as registrar_iana_id,
    from_json(rdap -> '$.abuse.email', '["varchar"]') as registrar_abuse_emails,
    try_strptime(
        rdap ->> '$.registered_at', ['%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%dT%H:%M:%S.%f%z']
    ) as registered_at,
    try_strptime(
        rdap ->> '$.expires_at', ['%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%dT%H:%M:%S.%f%z']
    ) as expires_at,
    from_json(rdap -> '$.status', '["varchar"]') as registration_status,
    from_json(network -> '$.asn', '["bigint"]') as asn,
    network ->> '$.networks[0].holder' as network_holder,
    from_json(network -> '$.abuse_emails', '["varchar"]') as network_abuse_emails,
    certificate ->> '$.sha256' as certificate_sha256,
    certificate ->> '$.issuer_organisation' as certificate_issuer,
    try_strptime(
        certificate ->> '$.valid_from', ['%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%dT%H:%M:%S.%f%z']
    ) as certificate_from,
    from_json(certificate -> '$.names', '["varchar"]') as certificate_names,
    page ->> '$.kind' as page_kind,
    try_cast(page ->> '$.status' as integer) as page_status,
    page ->> '$.url' as page_url,
    page ->> '$.title' as page_title,
    try_cast(page ->> '$.asks_password' as boolean) as asks_password,
    from_json(page -> '$.icons', '[{"sha256": "varchar", "mmh3": "bigint"}]') as icons,
    from_json(page -> '$.trackers', '["varchar"]') as trackers,
    page ->> '$.script_set' as script_set,
    page ->> '$.html_tlsh' as html_tlsh,
    screenshot ->> '$.sha256' as screenshot_sha256,
    known_at
from known
order by host;
