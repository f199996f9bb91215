-- Looks that show a logo and are nearly the same: at most six bits of their hashes differ, as
-- after another recompression. Of two such hashes at least two of eight parts are equal, so
-- only looks that share a part are compared. Where very many share one, as the flat part of a
-- much used logo, each is compared with the eight next to it in order alone: that may leave a look
-- by itself, and never compares all with all.
-- Grain: one row per pair, the smaller first. Key: (one, other).
-- Reads: looks, matched. Read by: namaak/wearing.py.
with
shown as (
    select
        look,
        any_value(detector) as detector,
        any_value([phash_0, phash_1, phash_2, phash_3]) as words
    from looks
    where
        hashed
        and look in (
            select looks.look
            from looks
            inner join matched on looks.image_sha256 = matched.value
            where matched.field = 'image'
        )
    group by look
),
parts as (
    select
        shown.look,
        shown.detector,
        shown.words,
        numbers.part,
        (shown.words[numbers.part // 2 + 1] >> (32 * (numbers.part % 2))) & 4294967295 as bits
    from shown
    cross join (select unnest(range(8)) as part) as numbers
),
crowded as (
    select
        *,
        count(*) over (partition by detector, part, bits) as crowd,
        row_number() over (partition by detector, part, bits order by words, look) as place
    from parts
),
-- Which places of the same crowd each is compared with: all behind it, or eight.
reaching as materialized (
    select
        *,
        unnest(range(place + 1, least(crowd, place + if(crowd <= 100, 100, 8)) + 1)) as reached
    from crowded
),
pairs as (
    select
        least(one.look, other.look) as one,
        greatest(one.look, other.look) as other
    from reaching as one
    inner join crowded as other
        on one.detector = other.detector
        and one.part = other.part
        and one.bits = other.bits
        and one.reached = other.place
    where
        bit_count(xor(one.words[1], other.words[1]))::integer
        + bit_count(xor(one.words[2], other.words[2]))::integer
        + bit_count(xor(one.words[3], other.words[3]))::integer
        + bit_count(xor(one.words[4], other.words[4]))::integer <= 6
)
select distinct
    one,
    other
from pairs
order by one, other;
