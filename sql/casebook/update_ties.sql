-- Stores the ties that are others than before.
-- Grain: one row per brand and subject. Key: (brand_id, subject_key).
-- Reads: staged_ties. Read by: Profiles.record_ties.
update profile_traits
set ties = staged_ties.ties
from staged_ties
where
    profile_traits.brand_id = staged_ties.brand_id
    and profile_traits.subject_key = staged_ties.subject_key
    and profile_traits.ties is distinct from staged_ties.ties;
