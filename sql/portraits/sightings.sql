-- Every sighting of a wanted account or app: those of batches that were not read yet, and of subjects
-- that are new here all of them. What was known before stands beside them as two sightings of each
-- version, so that a batch that comes late finds its place between them.
-- Grain: one row per sighting. Key: none.
-- Reads: observation_rows, read_batches, wanted, identities, known_versions.
-- Read by: namaak/portraits/sightings.py.
create temporary table sightings as
with
placed as (
    select
        observation_rows.*,
        parse_filename(observation_rows.filename, true) as batch_id,
        coalesce(identities.subject_key, observation_rows.subject_key) as subject
    from observation_rows
    left join identities
        on observation_rows.subject_key = identities.alias_key
        and observation_rows.observed_at >= identities.held_from
        and observation_rows.observed_at < identities.held_to
    where
        observation_rows.subject_kind in ('account', 'app')
        and (
            observation_rows.subject_key in (select subject_key from wanted)
            or identities.subject_key in (select subject_key from wanted)
        )
)
select
    placed.subject as subject_key,
    placed.subject_kind,
    placed.platform,
    placed.native_id,
    placed.handle,
    placed.display_name,
    placed.bio,
    placed.url,
    placed.developer,
    placed.followers,
    placed.following,
    placed.posts,
    placed.created_at,
    placed.links,
    placed.proved_links,
    placed.contacts,
    placed.verified,
    placed.flags,
    placed.state,
    placed.image_sha256,
    placed.banner_sha256,
    placed.trust,
    placed.source,
    placed.instance,
    placed.position,
    placed.batch_id,
    -- When it was so by the source's own word; nobody knows what will be.
    least(coalesce(placed.source_time, placed.observed_at), placed.observed_at) as seen_at,
    null::integer as known_version,
    0::bigint as left_out
from placed
inner join wanted on placed.subject = wanted.subject_key
where wanted.fresh or placed.batch_id not in (select batch_id from read_batches)
union all by name
select
    known_versions.* exclude (version, first_seen_at, last_seen_at, left_out),
    known_versions.first_seen_at as seen_at,
    known_versions.version as known_version,
    known_versions.left_out
from known_versions
union all by name
select
    known_versions.* exclude (version, first_seen_at, last_seen_at, left_out),
    known_versions.last_seen_at as seen_at,
    known_versions.version as known_version,
    0::bigint as left_out
from known_versions
where known_versions.last_seen_at > known_versions.first_seen_at;
