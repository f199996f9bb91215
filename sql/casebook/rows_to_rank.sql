-- All matches of the staged pairs, staged and stored, pair by pair, the strongest first; each
-- with the pictures that its subject wears, what a look at its host gave, what its profile says, and what ties
-- it to confirmed cases.
-- Grain: one row per match. Key: match_id.
-- Reads: staged_pairs, staged_matches, staged_withdrawals, matches, worn_pictures, site_traits,
-- profile_traits, tied_traits, hand_opened.
-- Read by: namaak/casework/loading.py.
with
stored as (
    select matches.* exclude (case_id, batch_id)
    from matches
    inner join staged_pairs
        on matches.brand_id = staged_pairs.brand_id
        and matches.subject_key = staged_pairs.subject_key
    where
        matches.match_id not in (select match_id from staged_matches)
        and matches.match_id not in (select match_id from staged_withdrawals)
),
-- What a person said is a row like any other: without one, a case that somebody opened would be
-- withdrawn as soon as it is weighed again.
said as (
    select
        'by-hand' as match_id,
        staged_pairs.brand_id,
        staged_pairs.subject_key,
        staged_pairs.subject_kind,
        'by-hand' as source,
        hand_opened.actor as instance,
        0 as position,
        hand_opened.opened_at as observed_at,
        'by-hand' as field,
        hand_opened.reason as value,
        '' as term,
        'by-hand' as resemblance,
        'whole' as place,
        0 as distance,
        -- Weaker than any match: what the case is called follows the strongest.
        -1 as strength,
        -1 as span_start,
        -1 as span_end,
        []::varchar[] as layers,
        []::varchar[] as lures,
        []::varchar[] as traits,
        []::varchar[] as kinds,
        map {}::map (varchar, float) as evidence,
        null::varchar as suppressed,
        'by-hand-1' as detector,
        '' as tables
    from staged_pairs
    inner join hand_opened
        on staged_pairs.brand_id = hand_opened.brand_id
        and staged_pairs.subject_key = hand_opened.subject_key
),
together as (
    select * from staged_matches
    union all by name
    select * from stored
    union all by name
    select * from said
),
worn as (
    select
        worn_pictures.brand_id,
        worn_pictures.subject_key,
        list(
            {
                'image_sha256': worn_pictures.image_sha256,
                'look': worn_pictures.look,
                'hashed': worn_pictures.hashed,
                'imitator': worn_pictures.imitator,
                'wearers': worn_pictures.wearers,
                'imitators': worn_pictures.imitators,
                'mostly_imitators': worn_pictures.mostly_imitators,
                'brands_shown': worn_pictures.brands_shown,
                'brands_named': worn_pictures.brands_named
            }
            order by worn_pictures.image_sha256
        ) as worn
    from worn_pictures
    inner join staged_pairs
        on worn_pictures.brand_id = staged_pairs.brand_id
        and worn_pictures.subject_key = staged_pairs.subject_key
    group by worn_pictures.brand_id, worn_pictures.subject_key
)
select
    together.match_id,
    together.brand_id,
    together.subject_key,
    together.subject_kind,
    together.source,
    together.instance,
    together.position,
    together.observed_at,
    together.field,
    together.value,
    together.term,
    together.resemblance,
    together.place,
    together.distance,
    together.strength,
    together.span_start,
    together.span_end,
    together.layers,
    together.lures,
    together.traits,
    together.kinds,
    together.evidence,
    together.suppressed,
    together.detector,
    together.tables,
    coalesce(worn.worn, []) as worn,
    coalesce(site_traits.traits, []) as site,
    coalesce(list_concat(profile_traits.traits, profile_traits.ties), []) as profile,
    coalesce(tied_traits.traits, []) as tied
from together
left join worn
    on together.brand_id = worn.brand_id
    and together.subject_key = worn.subject_key
left join site_traits
    on together.brand_id = site_traits.brand_id
    and together.subject_key = site_traits.subject_key
left join profile_traits
    on together.brand_id = profile_traits.brand_id
    and together.subject_key = profile_traits.subject_key
left join tied_traits
    on together.brand_id = tied_traits.brand_id
    and together.subject_key = tied_traits.subject_key
order by together.brand_id, together.subject_key, together.strength desc, together.match_id;
