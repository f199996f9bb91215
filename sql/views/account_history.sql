-- What accounts and apps of cases said of themselves and when: every handle, name and state, with
-- what changed. Also what was known of an account by its handle only, before that was told.
-- Grain: one row per case and version of its profile. Key: (case_id, version).
-- Reads: profiles, cases. Read by: read_case, the console, staff.
create or replace view account_history as
with
compared as (
    select
        *,
        lag(handle) over same_subject as handle_before,
        lag(state) over same_subject as state_before,
        -- Not as a list of its own: DuckDB writes that otherwise at each start.
        regexp_extract_all(
            concat_ws(
                ' ',
                case when handle <> lag(handle) over same_subject then 'handle' end,
                case when display_name <> lag(display_name) over same_subject then 'name' end,
                case when bio <> lag(bio) over same_subject then 'text' end,
                case when links <> lag(links) over same_subject then 'links' end,
                case when proved_links <> lag(proved_links) over same_subject then 'proofs' end,
                case when contacts <> lag(contacts) over same_subject then 'contacts' end,
                case when image_sha256 <> lag(image_sha256) over same_subject then 'picture' end,
                case when banner_sha256 <> lag(banner_sha256) over same_subject then 'banner' end,
                case when verified <> lag(verified) over same_subject then 'verified' end,
                case when flags <> lag(flags) over same_subject then 'flags' end,
                case when state <> lag(state) over same_subject then 'state' end
            ),
            '[a-z]+'
        ) as changed
    from profiles
    window same_subject as (partition by subject_key order by version)
)
select
    cases.case_id,
    cases.brand_name,
    cases.subject,
    compared.subject_key,
    compared.version,
    compared.first_seen_at,
    compared.last_seen_at,
    compared.changed,
    compared.platform,
    compared.native_id,
    compared.handle,
    compared.handle_before,
    compared.display_name,
    compared.bio,
    compared.url,
    compared.developer,
    compared.followers,
    compared.following,
    compared.posts,
    compared.created_at,
    compared.created_by,
    compared.links,
    compared.proved_links,
    compared.contacts,
    compared.verified,
    compared.flags,
    compared.state,
    compared.state_before,
    compared.image_sha256,
    compared.banner_sha256,
    compared.source,
    compared.trust,
    compared.left_out
from compared
inner join cases on compared.subject_key = cases.subject_key
order by cases.case_id, compared.version;
