-- The pairs that are tied to more or fewer confirmed cases than before, and have matches to weigh.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: staged_tied_traits, tied_traits, matches. Read by: known_pairs.sql, rows_to_rank.sql.
create or replace temporary table staged_pairs as
with
changed as (
    (
        select * from staged_tied_traits
        except
        select * from tied_traits
    )
    union all
    (
        select * from tied_traits
        except
        select * from staged_tied_traits
    )
)
select
    matches.brand_id,
    matches.subject_key,
    any_value(matches.subject_kind) as subject_kind,
    min(matches.observed_at) as first_observed_at,
    max(matches.observed_at) as last_observed_at,
    0::bigint as new_matches
from matches
where (matches.brand_id, matches.subject_key) in (select (brand_id, subject_key) from changed)
group by matches.brand_id, matches.subject_key;
