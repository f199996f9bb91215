-- Accounts and apps of cases that changed their handle or name, the latest first.
-- Grain: one row per case and version that brought another handle or name. Key: (case_id, version).
-- Reads: account_history. Read by: staff, with `namaak sql`.
select
    case_id,
    brand_name,
    subject,
    first_seen_at,
    handle_before,
    handle,
    display_name,
    followers
from account_history
where list_has_any(changed, ['handle', 'name'])
order by first_seen_at desc, case_id, version;
