"""Which column of a reported list means what; names are compared as in any other list.

Pure. May import: namaak.errors, namaak.records, namaak.sources.base and lists.
"""

from __future__ import annotations

from collections.abc import Sequence

from namaak.errors import SourceError
from namaak.records import SubjectKind
from namaak.sources.base import excerpt
from namaak.sources.lists.columns import Layout, fold_column

#: Field of a report -> names of its column; the first that is filled counts.
COLUMNS: dict[str, tuple[str, ...]] = {
    "link": ("link", "url", "profile", "profile_url"),
    "platform": ("platform", "site", "network", "store"),
    "handle": ("handle", "username", "screen_name", "acct"),
    "native_id": ("native_id", "id", "user_id", "did", "app_id"),
    "display_name": ("display_name", "name", "title"),
    "bio": ("bio", "description"),
    "developer": ("developer", "seller", "publisher"),
    "followers": ("followers", "followers_count"),
    "created_at": ("created_at", "created"),
    "seen_at": ("seen_at", "seen", "reported_at"),
    "note": ("note", "notes", "remark", "comment"),
    "screenshot": ("screenshot",),
    "avatar": ("avatar", "icon", "picture", "image"),
    "reported_by": ("reported_by", "reporter"),
}
#: One of these says who is reported.
TELLING = ("link", "handle", "native_id")

_FIELD_OF = {name: field for field, names in COLUMNS.items() for name in names}
_RANK = {name: rank for names in COLUMNS.values() for rank, name in enumerate(names)}


def field_of(column: str) -> str | None:
    """What a column means; None for one that no report has.

    >>> field_of("Profile URL"), field_of("colour")
    ('link', None)
    """
    return _FIELD_OF.get(fold_column(column))


def rank_of(column: str) -> int:
    """Of several columns with one meaning the lowest counts."""
    return _RANK[fold_column(column)]


def layout_of(names: Sequence[str], *, where: str) -> tuple[Layout, tuple[str, ...]]:
    """names: of the columns, as written. Also gives those that mean nothing here.

    Raises SourceError where no column says who is reported.
    """
    places: dict[str, list[int]] = {}
    strange: list[str] = []
    for place, name in enumerate(names):
        field = field_of(name)
        if field is None:
            strange.append(name)
        else:
            places.setdefault(field, []).append(place)
    if places.keys().isdisjoint(TELLING):
        understood = ", ".join(name for field in TELLING for name in COLUMNS[field])
        found = excerpt(", ".join(names[:20])) or "none"
        raise SourceError(
            f"{where} has no column that says who is reported; found are {found}, understood "
            f"would be {understood}; rename a column."
        )
    fields = {
        field: tuple(sorted(found, key=lambda place: rank_of(names[place])))
        for field, found in places.items()
    }
    return Layout(kind=SubjectKind.ACCOUNT, fields=fields), tuple(strange)
