"""Which column of a list means what: by name, from one table.

A column's name is compared in lower case with `_` for spaces and hyphens. Where several
columns mean the same, the first of the table that is filled in a row counts.
Pure. May import: namaak.errors, namaak.records, namaak.sources.base.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from namaak.errors import SourceError
from namaak.records import SubjectKind
from namaak.sources.base import excerpt

_COMMON = {
    "url": ("url", "link", "website"),
    "created_at": ("created_at", "created", "registered", "registered_at"),
    "source_time": ("observed_at", "seen_at"),
    "image": ("image", "avatar", "icon", "picture"),
}

#: Field of an observation (`image` is the path of a picture) -> names of its column, by kind.
ALIASES: dict[SubjectKind, dict[str, tuple[str, ...]]] = {
    SubjectKind.HOST: _COMMON
    | {
        "host": (
            *("host", "hostname", "fqdn", "domain", "domain_name"),
            *("registrable", "name", "url", "link"),
        ),
        "display_name": ("title",),
    },
    SubjectKind.ACCOUNT: _COMMON
    | {
        "handle": ("handle", "username", "screen_name", "acct"),
        "display_name": ("display_name", "name", "full_name", "title"),
        "platform": ("platform", "site", "network"),
        "native_id": ("native_id", "id", "did", "user_id"),
        "bio": ("bio", "description", "note"),
        "followers": ("followers", "followers_count"),
        "following": ("following", "following_count", "follows_count"),
        "posts": ("posts", "posts_count", "statuses_count"),
        "links": ("links",),
        "contacts": ("contacts",),
        "verified": ("verified",),
        "flags": ("flags",),
    },
    SubjectKind.APP: _COMMON
    | {
        "native_id": ("native_id", "app_id", "track_id", "bundle_id", "package_name", "id"),
        "display_name": ("display_name", "title", "name", "full_name"),
        "platform": ("store", "platform", "site", "network"),
        "bio": ("description", "bio", "note"),
        "developer": ("developer", "seller", "publisher"),
        "links": ("links",),
        "contacts": ("contacts",),
        "flags": ("flags",),
    },
    SubjectKind.IMAGE: _COMMON
    | {
        "display_name": ("title", "name", "display_name"),
        "platform": ("platform", "site", "network"),
    },
}

#: A row is of this kind when its list has one of these columns; the first line that fits.
MARKS: tuple[tuple[SubjectKind, tuple[str, ...]], ...] = (
    (SubjectKind.ACCOUNT, ALIASES[SubjectKind.ACCOUNT]["handle"]),
    (SubjectKind.APP, ("app_id", "bundle_id", "track_id", "package_name", "store")),
    (SubjectKind.HOST, ("host", "hostname", "fqdn", "domain", "domain_name", "registrable")),
    (SubjectKind.HOST, ("url", "link")),
    (SubjectKind.IMAGE, _COMMON["image"]),
)

#: Fields of which a list of this kind must have one: without it no row has a subject.
PRINCIPAL: dict[SubjectKind, tuple[str, ...]] = {
    SubjectKind.HOST: ("host",),
    SubjectKind.ACCOUNT: ("handle", "native_id"),
    SubjectKind.APP: ("native_id",),
    SubjectKind.IMAGE: ("image",),
}
#: Kinds whose subjects exist only on a platform or in a store.
PLACED = frozenset({SubjectKind.ACCOUNT, SubjectKind.APP})


#: Longest value of a field in code points. A longer one is cut and the cut is a reject,
#: but where a field says who the subject is, a cut would make two subjects one.
LIMITS = {
    "host": 4_000,
    "platform": 100,
    "native_id": 500,
    "handle": 500,
    "display_name": 1_000,
    "bio": 10_000,
    "url": 4_000,
    "developer": 1_000,
    "followers": 100,
    "following": 100,
    "posts": 100,
    "links": 10_000,
    "contacts": 10_000,
    "verified": 100,
    "flags": 1_000,
    "created_at": 100,
    "source_time": 100,
    "image": 1_000,
}
IDENTIFYING = frozenset({"platform", "native_id"})
#: Cells that hold several values, between spaces, semicolons or bars.
LISTED = ("links", "contacts", "flags")
COUNTS = ("followers", "following", "posts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a list's columns mean."""

    kind: SubjectKind
    fields: dict[str, tuple[int, ...]]  #: places of the columns of each field, first counts


def fold_column(name: str) -> str:
    """A column's name as the table writes it.

    >>> fold_column(" Display Name")
    'display_name'
    """
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def recognise(
    names: Sequence[str], *, where: str, kind: SubjectKind | None, platform: str | None
) -> Layout:
    """names: of the columns, as written. Raises SourceError when they say too little."""
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(fold_column(name), place)
    if kind is None:
        kind = next((kind for kind, marks in MARKS if not places.keys().isdisjoint(marks)), None)
    if kind is None:
        understood = "; ".join(f"{kind}: {', '.join(marks)}" for kind, marks in MARKS)
        raise SourceError(
            f"{where} has no column that says what it lists; found are {_shown(names)}, "
            f"understood would be {understood}; rename a column or give `kind`."
        )
    fields = {
        field: found
        for field, aliases in ALIASES[kind].items()
        if (found := tuple(places[alias] for alias in aliases if alias in places))
    }
    principal = PRINCIPAL[kind]
    if fields.keys().isdisjoint(principal):
        understood = ", ".join(alias for field in principal for alias in ALIASES[kind][field])
        raise SourceError(
            f"{where} is declared as {kind} but has no such column; found are {_shown(names)}, "
            f"understood would be {understood}; rename a column or mend `kind`."
        )
    if kind in PLACED and platform is None and "platform" not in fields:
        understood = ", ".join(ALIASES[kind]["platform"])
        raise SourceError(
            f"{where} lists {kind}s but not where they are; add a column ({understood}) "
            "or `platform` to its input in the watch file."
        )
    return Layout(kind=kind, fields=fields)


def _shown(names: Sequence[str]) -> str:
    return excerpt(", ".join(names[:20])) or "none"
