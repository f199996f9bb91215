-- Versions of the profiles that something new was seen of: one ends where a thing that it said is
-- said otherwise. What a source does not say stands as it stood: a list of handles, or a search that
-- leaves out the numbers, takes nothing back. Counts are those of the last sighting. Of very many
-- versions the first and the latest stay, and the next one says how many the lake alone keeps.
-- Grain: one row per version. Key: (subject_key, version). Binds: most.
-- Reads: sightings. Read by: namaak/portraits/sightings.py.
with
ordered as (
    select
        *,
        row_number() over (
            partition by subject_key
            order by seen_at, known_version nulls last, source, instance, position
        ) as place
    from sightings
    where subject_key in (select subject_key from sightings where known_version is null)
),
filled as (
    select
        subject_key,
        place,
        seen_at,
        subject_kind,
        source,
        instance,
        position,
        batch_id,
        trust,
        left_out,
        last_value(platform ignore nulls) over so_far as platform,
        last_value(native_id ignore nulls) over so_far as native_id,
        last_value(handle ignore nulls) over so_far as handle,
        last_value(display_name ignore nulls) over so_far as display_name,
        last_value(bio ignore nulls) over so_far as bio,
        last_value(url ignore nulls) over so_far as url,
        last_value(developer ignore nulls) over so_far as developer,
        last_value(followers ignore nulls) over so_far as followers,
        last_value(following ignore nulls) over so_far as following,
        last_value(posts ignore nulls) over so_far as posts,
        last_value(created_at ignore nulls) over so_far as created_at,
        last_value(links ignore nulls) over so_far as links,
        last_value(proved_links ignore nulls) over so_far as proved_links,
        last_value(contacts ignore nulls) over so_far as contacts,
        last_value(verified ignore nulls) over so_far as verified,
        last_value(flags ignore nulls) over so_far as flags,
        last_value(state ignore nulls) over so_far as state,
        last_value(image_sha256 ignore nulls) over so_far as image_sha256,
        last_value(banner_sha256 ignore nulls) over so_far as banner_sha256
    from ordered
    window so_far as (
        partition by subject_key order by place
        rows between unbounded preceding and current row
    )
),
compared as (
    select
        *,
        -- Something that was not known before is learnt, not changed; lists spell handles as they like.
        coalesce(lower(handle) <> lag(lower(handle)) over before, false)
        or coalesce(display_name <> lag(display_name) over before, false)
        or coalesce(bio <> lag(bio) over before, false)
        or coalesce(developer <> lag(developer) over before, false)
        or coalesce(links <> lag(links) over before, false)
        or coalesce(proved_links <> lag(proved_links) over before, false)
        or coalesce(contacts <> lag(contacts) over before, false)
        or coalesce(verified <> lag(verified) over before, false)
        or coalesce(flags <> lag(flags) over before, false)
        or coalesce(state <> lag(state) over before, false)
        or coalesce(image_sha256 <> lag(image_sha256) over before, false)
        or coalesce(banner_sha256 <> lag(banner_sha256) over before, false) as changed
    from filled
    window before as (partition by subject_key order by place)
),
numbered as (
    select
        *,
        count(*) filter (changed) over (
            partition by subject_key order by place
            rows between unbounded preceding and current row
        ) as number
    from compared
),
versions as (
    select
        subject_key,
        number,
        min(seen_at) as first_seen_at,
        max(seen_at) as last_seen_at,
        sum(left_out)::bigint as left_out,
        max_by(
            {
                'subject_kind': subject_kind,
                'platform': platform,
                'native_id': native_id,
                'handle': handle,
                'display_name': display_name,
                'bio': bio,
                'url': url,
                'developer': developer,
                'followers': followers,
                'following': following,
                'posts': posts,
                'created_at': created_at,
                'links': links,
                'proved_links': proved_links,
                'contacts': contacts,
                'verified': verified,
                'flags': flags,
                'state': state,
                'image_sha256': image_sha256,
                'banner_sha256': banner_sha256,
                'trust': trust,
                'source': source,
                'instance': instance,
                'position': position,
                'batch_id': batch_id
            },
            place
        ) as said
    from numbered
    group by subject_key, number
),
counted as (
    select
        *,
        number = 0 as oldest,
        row_number() over (partition by subject_key order by number desc) as recency,
        sum(left_out) over (
            partition by subject_key order by number
            rows between unbounded preceding and current row
        ) as left_out_so_far
    from versions
),
kept as (
    select *
    from counted
    where oldest or recency < $most
)
select
    subject_key,
    row_number() over (partition by subject_key order by number) as version,
    unnest(said),
    first_seen_at,
    last_seen_at,
    coalesce(
        left_out_so_far - lag(left_out_so_far) over same_subject
        + number - lag(number) over same_subject - 1,
        left_out
    )::bigint as left_out
from kept
window same_subject as (partition by subject_key order by number)
order by subject_key, version;
