-- Drops the hashes of pictures that no case wears any more, or that were described anew.
-- Grain: one row per picture, frame and region. Key: (image_sha256, frame, region).
-- Reads: incoming_pictures (Arrow). Read by: Casebook.record_pictures.
delete from pictures
where not exists (
    select 1
    from incoming_pictures
    where
        incoming_pictures.image_sha256 = pictures.image_sha256
        and incoming_pictures.detector = pictures.detector
        and incoming_pictures.outcome = pictures.outcome
        and incoming_pictures.reason is not distinct from pictures.reason
);
