-- Cases of handles that turned out to be an account's, with nothing left of their own, which are not
-- joined yet; and the account's case.
-- Grain: one row per case of a handle. Key: case_id.
-- Reads: cases, subject_aliases, matches, events. Read by: Identities.join_accounts.
select
    cases.case_id,
    cases.brand_id,
    cases.subject_key,
    cases.subject,
    cases.workflow,
    cases.reason_code,
    cases.assignee,
    cases.snooze_until,
    cases.snooze_on_change,
    subject_aliases.says,
    account.case_id as account_case_id,
    account.subject_key as account_key,
    account.subject as account_subject,
    account.workflow as account_workflow,
    account.assignee as account_assignee
from cases
inner join subject_aliases
    on cases.subject_key = subject_aliases.alias_key
    and cases.last_observed_at >= subject_aliases.held_from
    and cases.last_observed_at < subject_aliases.held_to
inner join cases as account
    on cases.brand_id = account.brand_id
    and subject_aliases.subject_key = account.subject_key
where
    subject_aliases.outcome = 'same'
    and (cases.brand_id, cases.subject_key) not in (
        select (brand_id, subject_key)
        from matches
    )
    and cases.case_id not in (
        select case_id
        from events
        where kind = 'joined' and (data ->> 'into') is not null
    )
order by cases.case_id;
