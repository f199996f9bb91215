"""One reported row to one profile: who it is by its link, what else is said of it, what is kept.

Whoever reports may err, and what they paste may be made to mislead: a link and a column that
contradict each other are refused, never mended.
Pure. May import: namaak.platforms, namaak.records, namaak.sources.base, lists and profiles.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

from namaak.platforms import (
    Platform,
    Recognised,
    bare_server,
    fold_platform,
    nearest_platform,
    platform,
    read_link,
)
from namaak.records import SubjectKind, Trust
from namaak.sources.lists.facts import parse_count, parse_sighting, parse_time
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


def understood(
    fields: Mapping[str, str], *, keeps_reporter: bool = False, own_domains: Collection[str] = ()
) -> Report:
    """fields: of columns.COLUMNS, none blank. Raises ValueError: the row says nobody.

    own_domains: of brands, A-labels; what is written as a mail address there is one.
    """
    faults: list[Refused] = []
    named = _folded(fields.get("platform"))
    told = _told(fields.get("link"), fields, faults, named, own_domains)
    where = _one("platform", told.platform if told else None, named)
    if where is None:
        raise ValueError("platform: is missing; give a link, or say where the handle is")
    of = platform(where)
    if of is None:
        near = nearest_platform(where)
        advice = f"did you mean {near}?" if near else "give its link instead"
        raise ValueError(f"platform: is none that namaak knows; {advice}")
    handle, native_id = _bare(fields.get("handle")), fields.get("native_id")
    if told is not None:
        handle = _one("handle", told.handle, handle, same=_is_same_handle(of))
        native_id = _one("native_id", told.native_id, native_id)
    is_app = told.kind == "app" if told else of.kind == "app"
    if handle is None and native_id is None:
        raise ValueError("has neither a link nor a handle nor an id")
    if is_app and native_id is None:
        raise ValueError("native_id: is missing; an app is known by the id in its link")
    if handle is not None and not is_app and not of.can_hold(handle):
        raise ValueError(f"handle: is none that {of.name} could have given")
    profile = Profile(
        native_id=native_id,
        handle=handle,
        kind=SubjectKind.APP if is_app else SubjectKind.ACCOUNT,
        display_name=fields.get("display_name"),
        bio=fields.get("bio"),
        developer=fields.get("developer"),
        url=told.canonical_url if told else of.link(handle, native_id),
        followers=_parsed(fields, "followers", parse_count, faults),
        created_at=_parsed(fields, "created_at", parse_time, faults),
        source_time=_parsed(fields, "seen_at", parse_sighting, faults),
        state=None,
        trust=Trust.UNAUTHENTICATED,
        raw=written(fields, keeps_reporter=keeps_reporter),
    )
    return Report(platform=where, profile=profile, faults=tuple(faults))


def written(fields: Mapping[str, str], *, keeps_reporter: bool = False) -> str:
    """The row as JSON, for evidence: without the person who reported it, unless that is wanted."""
    kept = {
        name: value[:MAX_NOTE] if name == "note" else value
        for name, value in without_reporter(fields, keeps_reporter=keeps_reporter).items()
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def without_reporter(fields: Mapping[str, str], *, keeps_reporter: bool) -> dict[str, str]:
    """The fields, without who reported it unless that is wanted."""
    return {name: value for name, value in fields.items() if name != REPORTER or keeps_reporter}


def _told(
    link: str | None,
    fields: Mapping[str, str],
    faults: list[Refused],
    named: str | None,
    own_domains: Collection[str],
) -> Recognised | None:
    """What the link says. Raises ValueError where nothing else says who it is either.

    named: the platform by its own column.
    """
    if link is None:
        return None
    server = bare_server(link)
    try:
        if server is not None and named == "mastodon":
            return read_link(f"@{link.strip()}")
        if server is not None and is_under(server, own_domains) is not None:
            raise ValueError("is a mail address at a domain of your own")
        return read_link(link)
    except ValueError as error:
        if "platform" not in fields or fields.keys().isdisjoint(("handle", "native_id")):
            raise ValueError(f"link: {error}") from None
        faults.append(Refused(reason=f"link: {error}; the other columns were taken", excerpt=link))
        return None


def is_under(host: str, domains: Collection[str]) -> str | None:
    """The one of the domains that the host is, or stands under."""
    return next((one for one in domains if host == one or host.endswith(f".{one}")), None)


def _one(
    name: str,
    by_link: str | None,
    by_column: str | None,
    same: Callable[[str, str], bool] = str.__eq__,
) -> str | None:
    if by_link is not None and by_column is not None and not same(by_link, by_column):
        raise ValueError(f"{name}: is not what the link says; mend either")
    return by_link if by_link is not None else by_column


def _is_same_handle(of: Platform) -> Callable[[str, str], bool]:
    def same(one: str, other: str) -> bool:
        if of.dots_ignored:
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
