"""One batch of observations against the watch list: every field, names and pictures alike.

Two channels, always: an account may bear no name of ours and our logo, or the other way round.
What the brand owns is matched too and marked `suppressed` with the reason, so that it can be
counted and looked up; it becomes no case.
Pure: pictures are fetched and decoded by the `read_pictures` that the caller passes in, text in
them is read by its `read_text`.
May import: namaak.records, namaak.brands, detectors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from detectors import accounts
from detectors.bios import match_bios
from detectors.images import matching as images
from detectors.images.gallery import Gallery, Logo, gallery_of
from detectors.images.observed import match_row, picture_rows, undecodable_row
from detectors.images.picture import Picture, Undecodable
from detectors.names import matching
from detectors.names.matcher import NameMatcher, compile_names, table_versions
from detectors.profiles.owned import suppressed_as
from detectors.wordmarks import ReadText, text_in
from namaak.brands import Brand
from namaak.records import (
    MATCH_SCHEMA,
    PICTURE_SCHEMA,
    Field,
    Resemblance,
    SubjectKind,
    Trust,
    match_id,
)

#: Pictures by their SHA-256, decoded, in any order.
ReadPictures = Callable[[Sequence[str]], Iterable[tuple[str, Picture | Undecodable]]]

#: Changes with the fields that are read and with who owns what.
_FIELDS = "fields-3"

#: Who it is, for what is suppressed, and how far it is known.
_IDENTITY = ("host", "platform", "native_id", "handle", "trust")
#: Columns with pictures, and the field that each is.
_PICTURES = (("image_sha256", Field.IMAGE), ("banner_sha256", Field.BANNER))
#: Of a match: all that is known is that somebody answers to the name.
EXISTENCE_ONLY = "existence-only"
#: Of a match: its logo is the photo of a person.
PHOTO = "photo-of-person"

#: From which likelihood ratio on a picture is a copy of a photo, cut or edited as it may be.
_COPY_LLR = 6.0

_PROVENANCE = ("subject_key", "subject_kind", "source", "instance", "position", "observed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """Brands, compiled for matching; build one per run and set of brands."""

    brands: Mapping[str, Brand]
    matcher: NameMatcher
    gallery: Gallery


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of a batch."""

    matches: pa.Table  #: MATCH_SCHEMA
    pictures: pa.Table  #: PICTURE_SCHEMA: every distinct picture, also what is never matched
    faint: Mapping[str, int]  #: per brand, names too faintly like it to be a match


def version(text_reader: str | None = None) -> str:
    """Changes whenever a detector or a data table does: everything is then matched again.

    text_reader: version of what will read wordmarks; None where nothing does.
    """
    reads = f"; text {text_reader}" if text_reader else ""
    return f"{_FIELDS}; {matching.VERSION}; {table_versions()}; {images.VERSION}{reads}"


def compile_watchlist(
    brands: Mapping[str, Brand],
    logos: Mapping[tuple[str, str], tuple[str, Picture | Undecodable]],
    *,
    ordinary_names: bytes | None = None,
    alerts_per_million: float | None = None,
) -> Watchlist:
    """logos: (brand id, path as in the watch file) to the file's SHA-256 and picture.

    ordinary_names, alerts_per_million: see `compile_names`, for ValueError too.

    A logo that cannot serve as a reference is left out; `namaak check` names it.
    """
    enrolled = (
        images.enrol(*key, sha256, picture)
        for key, (sha256, picture) in logos.items()
        if key[0] in brands and isinstance(picture, Picture)
    )
    return Watchlist(
        brands=brands,
        matcher=compile_names(brands, ordinary_names=ordinary_names, budget=alerts_per_million),
        gallery=gallery_of([logo for logo in enrolled if isinstance(logo, Logo)]),
    )


def match_observations(
    table: pa.Table,
    watchlist: Watchlist,
    read_pictures: ReadPictures,
    *,
    only: Collection[str] | None = None,
    read_text: ReadText | None = None,
) -> Found:
    """table: OBSERVATION_SCHEMA, any number of rows. Returns every match, ascending by row.

    only: matches of these brands; the others are known all the same, because a name that spells
    another brand is less theirs. read_text: None reads no wordmarks.
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
    mentioned = match_bios(table["bio"], watchlist.matcher)
    parts.append(_as_matches(mentioned, Field.BIO, table, watchlist))
    likenesses, pictures, texts = _match_pictures(table, watchlist, read_pictures, read_text)
    parts.append(likenesses)
    if texts:
        shown = pa.array(
            [texts.get(sha256) for sha256 in table["image_sha256"].to_pylist()], pa.string()
        )
        # People read it as they read a name beside the picture.
        found = matching.match_names(shown, Field.DISPLAY_NAME, watchlist.matcher)
        parts.append(_as_matches(found.hits, Field.IMAGE_TEXT, table, watchlist))
        faint.update(found.faint)
    matches = pa.concat_tables(parts)
    if only is not None:
        matches = matches.filter(pc.is_in(matches["brand_id"], pa.array(list(only), pa.string())))
        faint = Counter({brand: pairs for brand, pairs in faint.items() if brand in only})
    return Found(matches=matches, pictures=pictures, faint=dict(faint))


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
    seen = table.select([*_PROVENANCE, *_IDENTITY]).take(hits["row"])
    brand_ids = hits["brand_id"].to_pylist()
    # Not of the provenance: to make Python's times takes longer than all that is asked here.
    known = seen.select(_IDENTITY).to_pylist()
    suppressed = [
        suppressed_as(watchlist.brands[brand], row, negative)
        for brand, row, negative in zip(brand_ids, known, hits["negative"].to_pylist(), strict=True)
    ]
    traits = hits["traits"]
    if any(map(_trust_traits, known)):
        told = zip(traits.to_pylist(), known, strict=True)
        traits = pa.array(
            [[*traits, *_trust_traits(row)] for traits, row in told], pa.list_(pa.string())
        )
    columns = {
        **{name: seen[name] for name in _PROVENANCE},
        **{name: hits[name] for name in hits.column_names if name not in ("row", "negative")},
        "traits": traits,
        "field": _constant(str(field), len(hits)),
        "suppressed": pa.array(suppressed, pa.string()),
        "detector": _constant(matching.VERSION, len(hits)),
        "tables": _constant(watchlist.matcher.tables, len(hits)),
    }
    return _with_ids(columns)


def _match_pictures(
    table: pa.Table,
    watchlist: Watchlist,
    read_pictures: ReadPictures,
    read_text: ReadText | None,
) -> tuple[pa.Table, pa.Table, dict[str, str]]:
    """(matches, PICTURE_SCHEMA, text by SHA-256). Each distinct picture is looked at once; every
    observation that shows it gets its matches."""
    described: list[dict[str, object]] = []
    texts: dict[str, str] = {}
    hits_of: dict[str, list[tuple[dict[str, object], list[str]]]] = {}
    shown = pa.chunked_array(
        [chunk for column, _ in _PICTURES for chunk in table[column].chunks], pa.string()
    )
    distinct = pc.unique(shown.drop_null()).to_pylist()
    avatars = set(table["image_sha256"].to_pylist())
    for sha256, picture in read_pictures(distinct):
        if isinstance(picture, Undecodable):
            described.append(undecodable_row(sha256, picture))
            continue
        made = images.fingerprint(picture)
        described.extend(picture_rows(sha256, picture, made))
        # Nobody reads what a banner says for who the account is.
        if read_text and sha256 in avatars and (text := text_in(picture, made, read_text)):
            texts[sha256] = text
        hits = [
            (match_row(hit, made), [PHOTO] if photo else [])
            for hit in images.match(sha256, made, watchlist.gallery)
            if not (photo := _is_photo(hit, watchlist)) or _is_copy(hit)
        ]
        if hits:
            hits_of[sha256] = hits
    rows: list[dict[str, object]] = []
    for column, field in _PICTURES if hits_of else ():
        has_hit = pc.is_in(table[column], pa.array(list(hits_of)))
        wanted = [*_PROVENANCE, *_IDENTITY, column]
        for seen in table.filter(has_hit).select(wanted).to_pylist():
            provenance = {name: seen[name] for name in _PROVENANCE}
            for row, traits in hits_of[seen[column]]:
                brand = watchlist.brands[str(row["brand_id"])]
                rows.append(
                    {
                        **provenance,
                        **row,
                        "field": str(field),
                        "traits": [*traits, *_trust_traits(seen)],
                        "value": seen[column],
                        "suppressed": suppressed_as(brand, seen, None),
                    }
                )
    pictures = pa.Table.from_pylist(described, schema=PICTURE_SCHEMA)
    if not rows:
        return MATCH_SCHEMA.empty_table(), pictures, texts
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return _with_ids(columns), pictures, texts


def _is_photo(hit: images.ImageHit, watchlist: Watchlist) -> bool:
    brand = watchlist.brands[hit.brand_id]
    return hit.logo.name in {str(person.photo) for person in brand.executives if person.photo}


def _is_copy(hit: images.ImageHit) -> bool:
    """A photo is known by its copies alone: what is merely like it may be anybody's, and whose face
    is in it is never asked."""
    return hit.resemblance is Resemblance.SAME_IMAGE or hit.candidate.llr >= _COPY_LLR


def _trust_traits(seen: Mapping[str, object]) -> tuple[str, ...]:
    return (EXISTENCE_ONLY,) if seen["trust"] == Trust.EXISTENCE else ()


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
        suppressed = suppressed_as(watchlist.brands[hit["brand_id"]], seen, hit["negative"])
        rows.append({**hit, "input": values[hit["row"]], "field": str(field),
                     "suppressed": suppressed, "detector": matching.VERSION})  # fmt: skip
    return rows
