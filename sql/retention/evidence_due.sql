-- Every file of evidence that a case names, and whether its time is over for that case. A file may
-- be named by several cases and in several ways: it goes when all of them say so.
-- Grain: one row per file. Key: sha256. Binds: captures_before, notices_before.
-- Reads: captures, checks, actions, action_cases, action_replies, cases_over. Read by: namaak.retaining.
with
named as (
    select
        'captures' as class,
        case_id,
        ended_at as at_time,
        unnest([
            wacz_sha256, full_sha256, view_sha256, dom_sha256, text_sha256, tls_sha256,
            warc_sha256, ct_sha256, document_sha256
        ]) as sha256,
        $captures_before::timestamptz as before
    from captures
    union all
    select
        'captures' as class,
        case_id,
        checked_at as at_time,
        content_sha256 as sha256,
        $captures_before::timestamptz as before
    from checks
    union all
    select
        'notices' as class,
        action_cases.case_id,
        coalesce(actions.ended_at, actions.updated_at) as at_time,
        unnest([
            actions.text_sha256, actions.eml_sha256, actions.xarf_sha256, actions.form_sha256,
            actions.pack_sha256, actions.content_sha256, actions.approved_sha256,
            actions.sent_sha256
        ]) as sha256,
        $notices_before::timestamptz as before
    from actions
    inner join action_cases on actions.action_id = action_cases.action_id
    union all
    select
        'notices' as class,
        action_cases.case_id,
        action_replies.received_at as at_time,
        action_replies.content_sha256 as sha256,
        $notices_before::timestamptz as before
    from action_replies
    inner join action_cases on action_replies.action_id = action_cases.action_id
),
judged as (
    select
        named.class,
        named.case_id,
        named.sha256,
        named.at_time,
        coalesce(cases_over.legal_hold, false) as held,
        -- A case that is not there any more is over.
        (cases_over.case_id is null or cases_over.over_since < named.before)
        and named.at_time < named.before as is_due
    from named
    left join cases_over on named.case_id = cases_over.case_id
    where named.sha256 is not null
)
select
    sha256,
    min(class) as class,
    bool_or(held) as held,
    min(at_time) as oldest_at,
    list(distinct case_id order by case_id) as case_ids
from judged
group by sha256
having bool_and(coalesce(is_due, false))
order by class, oldest_at, sha256;
