"""One reported row to one profile: who it is by its link, what else is said of it, what is kept.

Whoever reports may err, and what they paste may be made to mislead: a link and a column that
contradict each other are refused, never mended.
Pure. May import: namaak.platforms, namaak.records, namaak.sources.base, lists and profiles.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from namaak.platforms import Platform, Recognised, fold_platform, platform, read_link
from namaak.records import SubjectKind, Trust
from namaak.sources.lists.facts import parse_count, parse_time
from namaak.sources.profiles.profile import Profile, Refused

#: Longest note of a reporter, code points.
MAX_NOTE = 4_000
#: What the name of a person who reports is stored under, where it is stored at all.
REPORTER = "reported_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one row says."""

    platform: str
    profile: Profile  #: without pictures, whose bytes nobody has read yet
    faults: tuple[Refused, ...] = ()  #: what was left out of it

    @property
    def identity(self) -> tuple[str, str]:
        """Reported twice, it is the same."""
        return self.platform, self.profile.identity


def understood(fields: Mapping[str, str], *, keeps_reporter: bool = False) -> Report:
    """fields: of columns.COLUMNS, none blank. Raises ValueError: the row says nobody."""
    faults: list[Refused] = []
    told = _told(fields.get("link"), fields, faults)
    where = _one("platform", told.platform if told else None, _folded(fields.get("platform")))
    if where is None:
        raise ValueError("platform: is missing; give a link, or say where the handle is")
    of = platform(where)
    handle, native_id = _bare(fields.get("handle")), fields.get("native_id")
    if told is not None:
        handle = _one("handle", told.handle, handle, same=_is_same_handle(of))
        native_id = _one("native_id", told.native_id, native_id)
    is_app = told.kind == "app" if told else of is not None and of.kind == "app"
    if handle is None and native_id is None:
        raise ValueError("has neither a link nor a handle nor an id")
    if is_app and native_id is None:
        raise ValueError("native_id: is missing; an app is known by the id in its link")
    if handle is not None and of is not None and not is_app and not of.can_hold(handle):
        raise ValueError(f"handle: is none that {of.name} could have given")
    profile = Profile(
        native_id=native_id,
        handle=handle,
        kind=SubjectKind.APP if is_app else SubjectKind.ACCOUNT,
        display_name=fields.get("display_name"),
        bio=fields.get("bio"),
        developer=fields.get("developer"),
        url=told.canonical_url if told else of.link(handle, native_id) if of else None,
        followers=_parsed(fields, "followers", parse_count, faults),
        created_at=_parsed(fields, "created_at", parse_time, faults),
        source_time=_parsed(fields, "seen_at", parse_time, faults),
        state=None,
        trust=Trust.UNAUTHENTICATED,
        raw=written(fields, keeps_reporter=keeps_reporter),
    )
    return Report(platform=where, profile=profile, faults=tuple(faults))


def written(fields: Mapping[str, str], *, keeps_reporter: bool = False) -> str:
    """The row as JSON, for evidence: without the person who reported it, unless that is wanted."""
    kept = {
        name: value[:MAX_NOTE] if name == "note" else value
        for name, value in fields.items()
        if name != REPORTER or keeps_reporter
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _told(link: str | None, fields: Mapping[str, str], faults: list[Refused]) -> Recognised | None:
    """What the link says. Raises ValueError where nothing else says who it is either."""
    if link is None:
        return None
    try:
        return read_link(link)
    except ValueError as error:
        if "platform" not in fields or fields.keys().isdisjoint(("handle", "native_id")):
            raise ValueError(f"link: {error}") from None
        faults.append(Refused(reason=f"link: {error}; the other columns were taken", excerpt=link))
        return None


def _one(
    name: str,
    by_link: str | None,
    by_column: str | None,
    same: Callable[[str, str], bool] = str.__eq__,
) -> str | None:
    if by_link is not None and by_column is not None and not same(by_link, by_column):
        raise ValueError(f"{name}: is not what the link says; mend either")
    return by_link if by_link is not None else by_column


def _is_same_handle(of: Platform | None) -> Callable[[str, str], bool]:
    def same(one: str, other: str) -> bool:
        if of is not None and of.dots_ignored:
            one, other = one.replace(".", ""), other.replace(".", "")
        return one.casefold() == other.casefold() or one.rpartition("/")[2] == other

    return same


def _folded(name: str | None) -> str | None:
    return None if name is None else fold_platform(name)


def _bare(handle: str | None) -> str | None:
    return handle and (handle.strip().lstrip("@").strip() or None)


_Value = TypeVar("_Value")


def _parsed(
    fields: Mapping[str, str], name: str, parse: Callable[[str], _Value], faults: list[Refused]
) -> _Value | None:
    text = fields.get(name)
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as error:
        faults.append(Refused(reason=f"{name}: {error}; taken as absent", excerpt=text))
        return None
