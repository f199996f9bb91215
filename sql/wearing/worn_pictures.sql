-- How widely the pictures of matched subjects are worn, and by whom. Of numbers from 100 on
-- only the first digit is kept: or each new wearer of a common picture would have all its cases
-- weighed again.
-- Grain: one row per brand, subject and picture. Key: (brand_id, subject_key, image_sha256).
-- Reads: observation_rows, matched, worn_by_matched, looks, merged_looks. Read by: namaak/wearing.py.
with
faces as (
    select
        looks.image_sha256,
        looks.hashed,
        coalesce(merged_looks.merged, looks.look) as look
    from looks
    left join merged_looks on looks.look = merged_looks.look
),
own as (
    select subject_key
    from matched
    group by subject_key
    having bool_and(suppressed)
),
worn as (
    select distinct
        faces.look,
        observation_rows.subject_key
    from observation_rows
    inner join faces on observation_rows.image_sha256 = faces.image_sha256
    -- A picture that is a subject is worn by nobody yet.
    where
        observation_rows.subject_kind <> 'image'
        -- Nor do the brands' own accounts say anything of others.
        and observation_rows.subject_key not in (select subject_key from own)
),
worn_by as (
    select
        look,
        count(*) as wearers
    from worn
    group by look
),
named as (
    select distinct
        brand_id,
        subject_key
    from matched
    where imitates
),
imitated as (
    select
        worn.look,
        named.brand_id,
        count(*) as imitators
    from worn
    inner join named on worn.subject_key = named.subject_key
    group by worn.look, named.brand_id
),
brands_imitated as (
    select
        look,
        count(*) as brands_named
    from imitated
    group by look
),
brands_seen as (
    select
        value as image_sha256,
        count(distinct brand_id) as brands_shown
    from matched
    where field = 'image'
    group by value
),
pairs as (
    select distinct
        brand_id,
        subject_key
    from matched
    where not suppressed
),
counted as (
    select
        pairs.brand_id,
        pairs.subject_key,
        faces.image_sha256,
        faces.look,
        faces.hashed,
        named.subject_key is not null as imitator,
        coalesce(worn_by.wearers, 0) as wearers,
        coalesce(imitated.imitators, 0) as imitators,
        coalesce(brands_seen.brands_shown, 0) as brands_shown,
        coalesce(brands_imitated.brands_named, 0) as brands_named
    from pairs
    inner join worn_by_matched on pairs.subject_key = worn_by_matched.subject_key
    inner join faces on worn_by_matched.image_sha256 = faces.image_sha256
    left join named
        on pairs.brand_id = named.brand_id
        and pairs.subject_key = named.subject_key
    left join worn_by on faces.look = worn_by.look
    left join imitated
        on faces.look = imitated.look
        and pairs.brand_id = imitated.brand_id
    left join brands_imitated on faces.look = brands_imitated.look
    left join brands_seen on faces.image_sha256 = brands_seen.image_sha256
)
select
    brand_id,
    subject_key,
    image_sha256,
    look,
    hashed,
    imitator,
    case
        when wearers < 100 then wearers
        else wearers - wearers % pow(10, length(wearers::varchar) - 1)::bigint
    end as wearers,
    case
        when imitators < 100 then imitators
        else imitators - imitators % pow(10, length(imitators::varchar) - 1)::bigint
    end as imitators,
    2 * imitators >= wearers as mostly_imitators,
    brands_shown,
    brands_named
from counted
order by brand_id, subject_key, image_sha256;
