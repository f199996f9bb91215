-- Copies the hashes of pictures that the casebook does not have.
-- Grain: one row per picture, frame and region. Key: (image_sha256, frame, region).
-- Reads: incoming_pictures (Arrow), pictures. Read by: Casebook.record_pictures.
insert into pictures (
    image_sha256, detector, format, width, height, notes, outcome, reason, frame, region,
    region_kind, box, phash, signs, dct
)
select
    image_sha256,
    detector,
    format,
    width,
    height,
    notes,
    outcome,
    reason,
    frame,
    region,
    region_kind,
    case when box_x is not null then [box_x, box_y, box_w, box_h] end,
    case when phash_0 is not null then [phash_0, phash_1, phash_2, phash_3] end,
    case when region_0 is not null then [region_0, region_1, region_2, region_3] end,
    case when dct_0 is not null then [dct_0, dct_1, dct_2, dct_3] end
from incoming_pictures
where image_sha256 not in (select image_sha256 from pictures);
