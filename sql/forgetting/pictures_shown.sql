-- Which of these pictures anything in the lake still shows.
-- Grain: one row per picture. Key: image_sha256.
-- Reads: candidates, all_rows. Read by: namaak/forgetting.py.
select image_sha256
from candidates
where
    image_sha256 in (select image_sha256 from all_rows where image_sha256 is not null)
    or image_sha256 in (select banner_sha256 from all_rows where banner_sha256 is not null)
    or image_sha256 in (select screenshot_sha256 from all_rows where screenshot_sha256 is not null);
