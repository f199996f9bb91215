-- Versions of the profiles that something new was seen of: one ends where a thing that it said is
-- said otherwise. What a source does not say stands as it stood: a list of handles, or a search that
-- leaves out the numbers, takes nothing back; what is shown as empty does. Counts are those of the
-- last sighting. Only the platform, or the operator's own list, says that something is gone; when new
-- things are seen of it later without a word about that, or whoever runs it says that it is there,
-- nobody knows any more. Of very many versions the first and the latest stay, and the next one says
-- how many the lake alone keeps.
-- Grain: one row per version. Key: (subject_key, version). Binds: most.
-- Reads: sightings. Read by: namaak/portraits/sightings.py.
with
ordered as (
    select
        *,
        coalesce(trust = 'platform', true) as believed,
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
        case when state <> 'unknown' and (known_version is not null or believed) then state end as word,
        state = 'live' and known_version is null and not believed as claimed_live,
        state = 'unknown' as doubted,
        state is null and known_version is null and believed as is_silent,
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
        coalesce(
            min(created_at) filter (created_by = 'directory') over so_far,
            max(created_at) filter (created_by = 'platform') over so_far,
            max(created_at) filter (created_by = 'claim') over so_far
        ) as created_at,
        case min(
            case created_by when 'directory' then 1 when 'platform' then 2 when 'claim' then 3 end
        ) over so_far
            when 1 then 'directory'
            when 2 then 'platform'
            when 3 then 'claim'
        end as created_by,
        last_value(links ignore nulls) over so_far as links,
        last_value(proved_links ignore nulls) over so_far as proved_links,
        last_value(contacts ignore nulls) over so_far as contacts,
        last_value(
            case when verified is not null then {'verified': verified, 'handle': lower(handle)} end
            ignore nulls
        ) over so_far as vouched,
        last_value(flags ignore nulls) over so_far as flags,
        last_value(image_sha256 ignore nulls) over so_far as image_sha256,
        last_value(banner_sha256 ignore nulls) over so_far as banner_sha256
    from ordered
    window so_far as (
        partition by subject_key order by place
        rows between unbounded preceding and current row
    )
),
doubtful as (
    select
        * exclude (vouched),
        -- That a handle is a domain which was proved to be theirs says nothing of another handle.
        case
            when vouched.verified = 'domain' and vouched.handle is distinct from lower(handle)
                then null
            else vouched.verified
        end as verified,
        claimed_live
        or doubted
        or (
            is_silent
            and (
                followers is distinct from lag(followers) over before
                or following is distinct from lag(following) over before
                or posts is distinct from lag(posts) over before
                or display_name is distinct from lag(display_name) over before
                or bio is distinct from lag(bio) over before
                or links is distinct from lag(links) over before
                or image_sha256 is distinct from lag(image_sha256) over before
                or banner_sha256 is distinct from lag(banner_sha256) over before
            )
        ) as casts_doubt
    from filled
    window before as (partition by subject_key order by place)
),
standing as (
    select
        * exclude (word, claimed_live, doubted, is_silent, casts_doubt),
        last_value(word ignore nulls) over so_far as last_word,
        max(place) filter (word is not null) over so_far as word_at,
        max(place) filter (casts_doubt) over so_far as doubt_at,
        bool_or(claimed_live) over so_far as was_claimed_live
    from doubtful
    window so_far as (
        partition by subject_key order by place
        rows between unbounded preceding and current row
    )
),
stated as (
    select
        * exclude (last_word, word_at, doubt_at, was_claimed_live),
        case
            when last_word is null and was_claimed_live then 'live'
            when last_word in ('removed', 'suspended') and doubt_at > word_at then 'unknown'
            else last_word
        end as state
    from standing
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
    from stated
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
                'created_by': created_by,
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
