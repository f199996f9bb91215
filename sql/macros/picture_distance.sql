-- How many of 256 bits two hashes differ in; null when either is null. Hashes are four words, as
-- in pictures.phash; only those of the same detector compare. 256 minus it is the distance from
-- the other's negative.
-- Grain: one number. Key: none.
-- Reads: nothing. Read by: similar_pictures, staff.
create or replace macro picture_distance(one, other) as (
    -- bit_count is a TINYINT, and four of them are too many for one.
    bit_count(xor(one[1], other[1]))::integer
    + bit_count(xor(one[2], other[2]))::integer
    + bit_count(xor(one[3], other[3]))::integer
    + bit_count(xor(one[4], other[4]))::integer
);
