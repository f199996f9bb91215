-- What people said last of each case, where it was a verdict about the likeness: confirmed or sent
-- a notice about, or dismissed, and why. Opened again or watched since, it is undecided.
-- Grain: one row per case with a word of a person. Key: case_id.
-- Reads: events, cases, campaign_members. Read by: namaak/casework/learned/reading.py.
with
said as (
    select
        case_id,
        arg_max(kind, case_seq) as word,
        arg_max(data, case_seq) as data,
        arg_max(happened_at, case_seq) as judged_at
    from events
    where
        kind in ('confirmed', 'enforced', 'dismissed', 'reopened', 'watched')
        and not starts_with(actor, 'flow:')
    group by case_id
)
select
    said.case_id,
    said.word,
    said.data ->> 'reason_code' as reason_code,
    said.judged_at,
    cases.brand_id,
    cases.series,
    cases.domain,
    campaign_members.campaign_id
from said
inner join cases on said.case_id = cases.case_id
left join campaign_members on said.case_id = campaign_members.case_id
order by said.case_id;
