-- Cases of one brand whose subjects wear the same picture: often one hand. Pictures that say
-- nothing by themselves (default avatars) and pictures worn mostly by others do not count.
-- Grain: one row per brand and look with two or more cases. Key: (brand_id, look).
-- Reads: worn_pictures, cases, bands. Read by: case_detail, picture_clusters, staff.
create or replace view campaigns_by_picture as
select
    worn_pictures.brand_id,
    worn_pictures.look,
    any_value(cases.brand_name) as brand_name,
    count(distinct cases.case_id) as cases,
    max(worn_pictures.wearers) as wearers,
    max(worn_pictures.imitators) as imitators,
    max(worn_pictures.brands_shown) > 0 as shows_a_logo,
    list(distinct cases.subject order by cases.subject) as subjects,
    list(distinct cases.case_id order by cases.case_id) as case_ids,
    list(distinct worn_pictures.image_sha256 order by worn_pictures.image_sha256) as pictures,
    arg_max(cases.band, bands.rank) as worst_band,
    max(cases.score) as highest_score,
    min(cases.first_observed_at) as first_observed_at,
    max(cases.last_observed_at) as last_observed_at
from worn_pictures
inner join cases
    on worn_pictures.brand_id = cases.brand_id
    and worn_pictures.subject_key = cases.subject_key
inner join bands on cases.band = bands.band
where
    worn_pictures.hashed
    and worn_pictures.mostly_imitators
    and cases.subject_kind <> 'image'
group by worn_pictures.brand_id, worn_pictures.look
having count(distinct cases.case_id) >= 2
order by max(bands.rank) desc, count(distinct cases.case_id) desc, worn_pictures.brand_id, look;
