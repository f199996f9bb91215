"""One batch of observations against the watch list: every field, names and pictures alike.

Two channels, always: an account may bear no name of ours and our logo, or the other way round.
What the brand owns is matched too and marked `suppressed` with the reason, so that it can be
counted and looked up; it becomes no case.
Pure: pictures are fetched by the `read_image` that the caller passes in.
May import: namaak.records, namaak.brands, detectors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from detectors import accounts
from detectors.images import matching as images
from detectors.names import matching
from detectors.names.matcher import NameMatcher, compile_names, table_versions
from namaak.brands import Brand
from namaak.records import MATCH_SCHEMA, Field, Place, SubjectKind, match_id

#: Bytes of one stored picture by its SHA-256; None when it is not kept.
ReadImage = Callable[[str], bytes | None]

_PROVENANCE = ("subject_key", "subject_kind", "source", "instance", "position", "observed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """Brands, compiled for matching; build one per run and set of brands."""

    brands: Mapping[str, Brand]
    matcher: NameMatcher
    logos: tuple[images.Logo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of a batch."""

    matches: pa.Table  #: MATCH_SCHEMA
    undecodable: Mapping[str, str]  #: image SHA-256 to reason; kept, never matched
    gated: Mapping[str, str]  #: image SHA-256 to reason
    faint: Mapping[str, int]  #: per brand, names too faintly like it to be a match


def version() -> str:
    """Changes whenever a detector or a data table does: everything is then matched again."""
    return f"{matching.VERSION}; {table_versions()}; {images.VERSION}"


def compile_watchlist(
    brands: Mapping[str, Brand],
    logo_bytes: Mapping[tuple[str, str], bytes],
    *,
    ordinary_names: bytes | None = None,
    alerts_per_million: float | None = None,
) -> Watchlist:
    """logo_bytes: (brand id, path as in the watch file) to original bytes.

    ordinary_names, alerts_per_million: see `compile_names`, for ValueError too.

    A logo that cannot serve as a reference is left out; `namaak check` names it.
    """
    enrolled = (images.enrol(*key, data) for key, data in logo_bytes.items() if key[0] in brands)
    return Watchlist(
        brands=brands,
        matcher=compile_names(brands, ordinary_names=ordinary_names, budget=alerts_per_million),
        logos=tuple(logo for logo in enrolled if isinstance(logo, images.Logo)),
    )


def match_observations(
    table: pa.Table,
    watchlist: Watchlist,
    read_image: ReadImage,
    *,
    only: Collection[str] | None = None,
) -> Found:
    """table: OBSERVATION_SCHEMA, any number of rows. Returns every match, ascending by row.

    only: matches of these brands; the others are known all the same, because a name that spells
    another brand is less theirs.
    """
    parts = []
    faint: Counter[str] = Counter()
    for field, column, kind in _NAME_FIELDS:
        values = table[column]
        if kind is not None:
            rows = pc.equal(table["subject_kind"], kind)
            values = pc.if_else(rows, values, pa.scalar(None, pa.string()))
        if values.null_count == len(values):
            continue
        found = matching.match_names(values, field, watchlist.matcher)
        hits = found.hits
        if kind is SubjectKind.ACCOUNT:
            hits = accounts.with_other_name(hits, table, field)
        parts.append(_as_matches(hits, field, table, watchlist))
        faint.update(found.faint)
    split = accounts.match_across(table, watchlist.matcher)
    parts.append(_as_matches(split, Field.DISPLAY_NAME, table, watchlist))
    pictures, undecodable, gated = _match_pictures(table, watchlist, read_image)
    parts.append(pictures)
    matches = pa.concat_tables(parts)
    if only is not None:
        matches = matches.filter(pc.is_in(matches["brand_id"], pa.array(list(only), pa.string())))
        faint = Counter({brand: pairs for brand, pairs in faint.items() if brand in only})
    return Found(matches=matches, undecodable=undecodable, gated=gated, faint=dict(faint))


#: Field, its column, and the kind of subject it is read for (None: any).
_NAME_FIELDS = (
    (Field.HOST, "host", SubjectKind.HOST),
    (Field.HANDLE, "handle", SubjectKind.ACCOUNT),
    (Field.DISPLAY_NAME, "display_name", SubjectKind.ACCOUNT),
    (Field.APP, "display_name", SubjectKind.APP),
    (Field.APP, "native_id", SubjectKind.APP),
)


def _as_matches(hits: pa.Table, field: Field, table: pa.Table, watchlist: Watchlist) -> pa.Table:
    """Hits with where they were seen, who owns it, and what found them."""
    seen = table.select(
        [*_PROVENANCE, "host", "platform", "native_id", "handle"]
    ).take(hits["row"])  # fmt: skip
    brand_ids = hits["brand_id"].to_pylist()
    suppressed = [
        _suppressed(watchlist.brands[brand], row, negative)
        for brand, row, negative in zip(
            brand_ids, seen.to_pylist(), hits["negative"].to_pylist(), strict=True
        )
    ]
    columns = {
        **{name: seen[name] for name in _PROVENANCE},
        **{name: hits[name] for name in hits.column_names if name not in ("row", "negative")},
        "field": _constant(str(field), len(hits)),
        "suppressed": pa.array(suppressed, pa.string()),
        "detector": _constant(matching.VERSION, len(hits)),
        "tables": _constant(watchlist.matcher.tables, len(hits)),
    }
    return _with_ids(columns)


def _match_pictures(
    table: pa.Table, watchlist: Watchlist, read_image: ReadImage
) -> tuple[pa.Table, dict[str, str], dict[str, str]]:
    """Each distinct picture is decoded once; every observation that shows it gets its matches."""
    undecodable: dict[str, str] = {}
    gated: dict[str, str] = {}
    hits_of: dict[str, Sequence[images.ImageHit]] = {}
    for sha256 in pc.unique(table["image_sha256"].drop_null()).to_pylist():
        data = read_image(sha256)
        if data is None:
            undecodable[sha256] = "not kept in the lake"
            continue
        made = images.fingerprint(data)
        if isinstance(made, images.Undecodable):
            undecodable[sha256] = made.reason
            continue
        if made.gated:
            gated[sha256] = made.gated
        hits_of[sha256] = images.match_image(sha256, made, watchlist.logos)
    rows: list[dict[str, object]] = []
    if any(hits_of.values()):
        has_hit = pc.is_in(table["image_sha256"], pa.array([s for s, h in hits_of.items() if h]))
        wanted = [*_PROVENANCE, "host", "platform", "native_id", "handle", "image_sha256"]
        for seen in table.filter(has_hit).select(wanted).to_pylist():
            for hit in hits_of[seen["image_sha256"]]:
                provenance = {name: seen[name] for name in _PROVENANCE}
                owned = _suppressed(watchlist.brands[hit.brand_id], seen, None)
                rows.append(
                    {
                        **provenance,
                        **picture_row(hit),
                        "value": seen["image_sha256"],
                        "suppressed": owned,
                    }
                )
    if not rows:
        return MATCH_SCHEMA.empty_table(), undecodable, gated
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return _with_ids(columns), undecodable, gated


def picture_row(hit: images.ImageHit) -> dict[str, object]:
    """A hit of the image detector in the columns of MATCH_SCHEMA; `value` and provenance lack."""
    return {
        "brand_id": hit.brand_id,
        "field": str(Field.IMAGE),
        "term": hit.logo,
        "resemblance": str(hit.resemblance),
        "place": str(Place.WHOLE),
        "distance": hit.distance,
        "strength": hit.strength,
        "span_start": -1,
        "span_end": -1,
        "layers": list(hit.layers),
        "lures": [],
        "traits": [],
        "kinds": None,
        "evidence": None,
        "detector": images.VERSION,
        "tables": "",
    }


def _suppressed(brand: Brand, seen: Mapping[str, object], negative: str | None) -> str | None:
    """Why this is no case of the brand's, as a sentence's end; None when nothing says so.

    negative: the brand's negative word that the name holds there.
    """
    host, platform, handle = seen["host"], seen["platform"], seen["handle"]
    native_id = seen["native_id"]
    if isinstance(host, str):
        for domain in brand.domains:
            if _under(host, domain):
                return f"the brand's own domain {domain}"
    if isinstance(platform, str):
        if isinstance(handle, str):
            own = (account.casefold() for account in brand.accounts.get(platform, ()))
            if handle.casefold() in own:
                return f"the brand's own account on {platform}"
        if isinstance(native_id, str) and native_id in brand.apps.get(platform, ()):
            return f"the brand's own app in {platform}"
    for rule in brand.allow:
        named = [one.casefold() for one in (handle, native_id) if isinstance(one, str)]
        known = any(rule.asset == f"{platform}:{one}" for one in named)
        if known or (isinstance(host, str) and _under(host, rule.asset)):
            return f"allowed until {rule.until} by {rule.author}: {rule.reason}"
    return f"a negative word of the brand, {negative}" if negative else None


def _under(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)


def _constant(value: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.string()), rows)


def _with_ids(columns: Mapping[str, object]) -> pa.Table:
    """MATCH_SCHEMA from its columns but the id."""
    fields = [kind for kind in MATCH_SCHEMA if kind.name != "match_id"]
    arrays = {
        kind.name: column if isinstance(column := columns[kind.name], pa.ChunkedArray)
        else pa.array(column, kind.type)
        for kind in fields
    }  # fmt: skip
    identity = ("brand_id", "subject_key", "field", "value", "term", "resemblance")
    keys = zip(*(arrays[name].to_pylist() for name in identity), strict=True)
    arrays["match_id"] = pa.array([match_id(key) for key in keys], pa.string())
    return pa.table([arrays[kind.name] for kind in MATCH_SCHEMA], schema=MATCH_SCHEMA)


def match_values(
    values: Sequence[str], field: Field, watchlist: Watchlist
) -> list[dict[str, object]]:
    """Names a person typed, one row per (input, brand), as `match_names` found them.

    Each has the hit's columns plus `input` and `suppressed`.
    """
    # A lone surrogate, as a shell may hand over, is no text that Arrow takes.
    sound = [value.encode("utf-8", "replace").decode("utf-8") for value in values]
    found = matching.match_names(pa.array(sound, pa.string()), field, watchlist.matcher)
    rows = []
    for hit in found.hits.to_pylist():
        seen = {"host": None, "platform": None, "native_id": None, "handle": None}
        if field is Field.HOST:
            seen["host"] = values[hit["row"]]
        suppressed = _suppressed(watchlist.brands[hit["brand_id"]], seen, hit["negative"])
        rows.append({**hit, "input": values[hit["row"]], "field": str(field),
                     "suppressed": suppressed, "detector": matching.VERSION})  # fmt: skip
    return rows
