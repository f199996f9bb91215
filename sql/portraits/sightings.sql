-- Every sighting of a wanted account or app: those of batches that were not read yet, and of subjects
-- that are new here all of them. What was known before stands beside them as two sightings of each
-- version, so that a batch that comes late finds its place between them. Whoever speaks for himself
-- proves nothing: his proved links are links, and nobody vouches for him.
-- Grain: one row per sighting. Key: none.
-- Reads: observation_rows, read_batches, wanted, identities, known_versions.
-- Read by: namaak/portraits/sightings.py.
create temporary table sightings as
with
placed as (
    select
        observation_rows.*,
        parse_filename(observation_rows.filename, true) as batch_id,
        observation_rows.trust is null or observation_rows.trust = 'platform' as believed,
        least(
            coalesce(observation_rows.source_time, observation_rows.observed_at),
            observation_rows.observed_at
        ) as seen_at,
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
    -- A clock may be ahead by some hours; what was made after it was seen is a mistake.
    case when placed.created_at <= placed.seen_at + interval 1 day then placed.created_at end as created_at,
    case
        when placed.created_at is null or placed.created_at > placed.seen_at + interval 1 day then null
        when placed.entry_type = 'plc' then 'directory'
        when placed.believed then 'platform'
        else 'claim'
    end as created_by,
    case
        when placed.believed or placed.proved_links is null then placed.links
        else list_concat(
            placed.links,
            list_filter(
                placed.proved_links,
                lambda link: not list_contains(coalesce(placed.links, []), link)
            )
        )
    end as links,
    case when placed.believed then placed.proved_links end as proved_links,
    placed.contacts,
    case when placed.believed then placed.verified end as verified,
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
    placed.seen_at,
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
