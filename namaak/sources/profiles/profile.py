"""One profile or app as a platform showed it, and its row.

Every text is a stranger's: cut where it is too long (which is told), never where it says who the
subject is. Pure.
May import: namaak.records, namaak.sources.base and lists.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from namaak.records import (
    OBSERVATION_SCHEMA,
    Flag,
    SubjectKind,
    SubjectState,
    Trust,
    Verified,
    account_key,
    app_key,
)
from namaak.sources.base import Reject, excerpt
from namaak.sources.lists.columns import IDENTIFYING, LIMITS

#: Of links, contacts and flags each: more than any platform lets one give.
MOST_LISTED = 50
#: Code points of the platform's own JSON that are kept; a longer one is known by its hash only.
MOST_RAW = 65_536
_MOST_COUNT = 2**63 - 1
#: No platform is older, and a clock that is ahead by more than a day is no clock.
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a platform said of one account or app at one time. Absent is None, never "".

    In the row, what is absent of a `whole` profile is empty ("" or no entries): the platform shows
    that there is none. Of any other answer it is null: this view says nothing about it.
    """

    native_id: str | None = None  #: permanent; None only where the platform tells none
    handle: str | None = None  #: in its original case, without "@"
    kind: SubjectKind = SubjectKind.ACCOUNT
    display_name: str | None = None  #: also an app's title
    bio: str | None = None
    url: str | None = None  #: where people see it
    developer: str | None = None  #: apps: who published it
    followers: int | None = None  #: subscribers, members
    following: int | None = None
    posts: int | None = None
    created_at: datetime | None = None  #: aware; as the platform claims it
    source_time: datetime | None = None  #: aware; when the source says that this was so
    links: tuple[str, ...] = ()
    proved_links: tuple[str, ...] = ()  #: those whose target links back
    contacts: tuple[str, ...] = ()  #: of fields made for them: "mail:...", "phone:..."
    verified: Verified | None = None
    flags: tuple[Flag, ...] = ()
    state: SubjectState | None = SubjectState.LIVE
    avatar_url: str | None = None
    banner_url: str | None = None
    trust: Trust = Trust.PLATFORM
    whole: bool = False  #: all that the platform shows of it, so that what is absent is not there
    raw: str | None = None  #: JSON of the platform, of this one alone
    raw_sha256: str | None = None  #: hex, of JSON that was too long to be kept; else null

    @property
    def identity(self) -> str:
        """Its permanent id, or else its handle."""
        return self.native_id or f"@{(self.handle or '').casefold()}"

    def digest(self) -> str:
        """12 hex digits over all that it says: told again unchanged, it is the same."""
        said = repr([getattr(self, name) for name in self.__slots__ if not name.startswith("raw")])
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An entry of an answer that is no profile, and why."""

    reason: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictured:
    """SHA-256 of a profile's pictures, and what was refused of them."""

    avatar: str | None = None
    banner: str | None = None
    faults: tuple[Refused, ...] = ()


def observe(
    found: Sequence[tuple[int, Profile | Refused, Pictured]],
    *,
    source: str,
    instance: str,
    platform: str,
    observed_at: datetime,
) -> tuple[pa.Table, list[Reject]]:
    """found: position, ascending, what stood there, and its pictures.

    Returns observations (records.OBSERVATION_SCHEMA) and the rejects, ascending.
    """
    rows: list[Mapping[str, Any]] = []
    rejects: list[Reject] = []
    for position, entry, pictured in found:
        if isinstance(entry, Refused):
            rejects.append(_reject(position, entry.reason, entry.excerpt))
            continue
        row, faults = _row(entry, platform)
        rejects += (_reject(position, fault.reason, fault.excerpt) for fault in faults)
        rejects += (_reject(position, fault.reason, fault.excerpt) for fault in pictured.faults)
        if row is not None:
            rows.append(
                {
                    **row,
                    "source": source,
                    "instance": instance,
                    "position": position,
                    "observed_at": observed_at,
                    "image_sha256": pictured.avatar,
                    "image_name": entry.avatar_url if pictured.avatar else None,
                    "banner_sha256": pictured.banner,
                }
            )
    return pa.Table.from_pylist(rows, schema=OBSERVATION_SCHEMA), rejects


def _row(profile: Profile, platform: str) -> tuple[dict[str, Any] | None, list[Refused]]:
    """The row; None where nothing says who it is. And what was cut or refused of it."""
    faults: list[Refused] = []

    def text(name: str) -> str | None:
        value = getattr(profile, name)
        if value is None or not (value := _sound(value).strip()):
            return None
        limit = LIMITS[name]
        if len(value) <= limit:
            return str(value)
        if name in IDENTIFYING:
            faults.append(Refused(reason=f"{name}: is longer than {limit}", excerpt=value))
            return None
        faults.append(Refused(reason=f"{name}: cut to {limit}", excerpt=value))
        return str(value[:limit])

    def listed(name: str) -> list[str] | None:
        found, is_all = _listed(getattr(profile, name), name, faults)
        # Where all of it was refused, the platform did show something.
        return found or ([] if profile.whole and is_all else None)

    empty = "" if profile.whole else None
    native_id, handle = text("native_id"), text("handle")
    if native_id is None and len(_sound(profile.handle or "").strip()) > LIMITS["handle"]:
        # A cut handle would be that of somebody else, and it is all there is.
        handle = None
    handle = handle.lstrip("@").strip() or None if handle else None
    is_app = profile.kind is SubjectKind.APP
    if not (native_id or (handle and not is_app)):
        what = "has no id" if is_app else "has neither id nor handle"
        return None, faults or [Refused(reason=what, excerpt=profile.display_name or "")]
    raw = None if profile.raw is None else _sound(profile.raw)
    return {
        "subject_kind": str(profile.kind),
        "subject_key": (
            app_key(platform, native_id or "")
            if is_app
            else account_key(platform, native_id, handle or "")
        ),
        "platform": platform,
        "native_id": native_id,
        "handle": handle,
        "display_name": text("display_name") or empty,
        "bio": text("bio") or empty,
        "url": text("url"),
        "developer": text("developer"),
        "followers": _count(profile.followers),
        "following": _count(profile.following),
        "posts": _count(profile.posts),
        "created_at": _time(profile.created_at),
        "source_time": _time(profile.source_time),
        "links": listed("links"),
        "proved_links": listed("proved_links"),
        "contacts": listed("contacts"),
        "verified": profile.verified and str(profile.verified),
        "flags": sorted(map(str, profile.flags)) or ([] if profile.whole else None),
        "state": profile.state and str(profile.state),
        "trust": str(profile.trust),
        "raw": raw if raw is not None and len(raw) <= MOST_RAW else None,
        "evidence_hash": profile.raw_sha256
        if raw is None
        else hashlib.sha256(raw.encode()).hexdigest(),
    }, faults


def _sound(text: str) -> str:
    """Text that any table takes: NUL and lone surrogates, which JSON may hold, are shown."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _listed(values: Iterable[str], name: str, faults: list[Refused]) -> tuple[list[str], bool]:
    """What is kept of them, each once, and whether that is all."""
    kept = [value for text in values if (value := _sound(text).strip())]
    for value in kept[MOST_LISTED:]:
        faults.append(Refused(reason=f"{name}: more than {MOST_LISTED}; left out", excerpt=value))
    sound = []
    for value in dict.fromkeys(kept[:MOST_LISTED]):
        if len(value) > LIMITS["url"]:
            faults.append(
                Refused(reason=f"{name}: is longer than {LIMITS['url']}; left out", excerpt=value)
            )
        else:
            sound.append(value)
    return sound, len(sound) == len(dict.fromkeys(kept))


def _count(value: int | None) -> int | None:
    return value if value is not None and 0 <= value <= _MOST_COUNT else None


def _time(value: datetime | None) -> datetime | None:
    if value is None or not _FIRST_YEAR <= value.year < _LAST_YEAR:
        return None
    return value.astimezone(UTC)


def _reject(position: int, reason: str, shown: str) -> Reject:
    return Reject(position=position, reason=reason, excerpt=excerpt(shown))
