-- Stored matches of handles that turned out to be an account's at that time.
-- Grain: one row per match. Key: match_id.
-- Reads: matches, incoming_aliases (Arrow). Read by: Identities.join_accounts.
select
    matches.match_id,
    matches.brand_id,
    matches.subject_key,
    matches.field,
    matches.value,
    matches.term,
    matches.resemblance,
    matches.observed_at,
    incoming_aliases.subject_key as account_key
from matches
inner join incoming_aliases
    on matches.subject_key = incoming_aliases.alias_key
    and matches.observed_at >= incoming_aliases.held_from
    and matches.observed_at < incoming_aliases.held_to
where incoming_aliases.outcome = 'same'
order by matches.match_id;
