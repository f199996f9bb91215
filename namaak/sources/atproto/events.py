"""One event of the stream: a profile as its owner wrote it, a handle, or what became of an account.

Form of the stream's own documentation (bluesky-social/jetstream, "Legacy v1 JSON Payload"), read in
2026; statuses of accounts: com.atproto.sync.subscribeRepos#account.
Pure. May import: namaak.records, namaak.sources.atproto, namaak.sources.profiles.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from namaak.records import SubjectState, Trust
from namaak.sources.atproto.identity import is_did, is_handle, page_of
from namaak.sources.atproto.views import own_words
from namaak.sources.lists.columns import LIMITS
from namaak.sources.profiles.answers import as_raw, object_of, text_of
from namaak.sources.profiles.links import links_in
from namaak.sources.profiles.profile import MOST_RAW, Profile, Refused

PROFILES = "app.bsky.actor.profile"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Smaller numbers are the server's own count of events, larger ones lie beyond the year 2200.
_FIRST_US, _LAST_US = 10**15, 7 * 10**15
#: Code points of what was refused; the excerpt is shorter.
_SHOWN = 800
_CID = re.compile(r"[a-z0-9]{10,128}")
_ENDED = {
    "takendown": SubjectState.SUSPENDED,
    "suspended": SubjectState.SUSPENDED,
    "deleted": SubjectState.REMOVED,
    "deactivated": SubjectState.REMOVED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Without an entry it says nothing of names, pictures or states."""

    time_us: int | None  #: microseconds since 1970, when the stream's server saw it
    digest: str  #: 16 hex digits of its text
    size: int  #: of its text, bytes
    entry: Profile | Refused | None = None
    avatar: str | None = None  #: CID of the picture


def moment(time_us: int) -> datetime:
    """Aware."""
    return _EPOCH + timedelta(microseconds=time_us)


def microseconds(at: datetime) -> int:
    """Since 1970."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def read_event(message: bytes, *, latest_us: int = _LAST_US) -> Event:
    """latest_us: an event of a later time is refused."""
    digest = hashlib.sha256(message).hexdigest()[:16]

    def refused(reason: str) -> Event:
        shown = message[:_SHOWN].decode("utf-8", "replace")
        return Event(
            time_us=None,
            digest=digest,
            size=len(message),
            entry=Refused(reason=reason, excerpt=shown),
        )

    try:
        row = json.loads(message.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return refused("event: is no JSON")
    if not isinstance(row, dict):
        return refused("event: is no object")
    time_us, did = row.get("time_us"), row.get("did")
    if isinstance(time_us, bool) or not isinstance(time_us, int):
        return refused("time_us: is no number")
    if not _FIRST_US <= time_us <= latest_us:
        return refused("time_us: is no time until now")
    if not isinstance(did, str) or not is_did(did):
        return refused("did: is none")
    at = moment(time_us)
    avatar = None
    entry: Profile | Refused | None
    match row.get("kind"):
        case "commit":
            entry, avatar = _commit(did, at, row)
        case "identity":
            entry = _identity(did, at, row)
        case "account":
            entry = _account(did, at, row)
        case kind:
            entry = Refused(reason="event: is of no known kind", excerpt=str(kind)[:_SHOWN])
    return Event(time_us=time_us, digest=digest, size=len(message), entry=entry, avatar=avatar)


def _commit(
    did: str, at: datetime, row: Mapping[str, Any]
) -> tuple[Profile | Refused | None, str | None]:
    commit = object_of(row, "commit")
    if commit.get("collection") != PROFILES or commit.get("rkey") != "self":
        return None, None
    if commit.get("operation") not in ("create", "update"):
        # A profile that was emptied says nothing; whether its account is there is told elsewhere.
        return None, None
    record = commit.get("record")
    if not isinstance(record, dict):
        return Refused(reason="record: is no object", excerpt=_shown(row)), None
    # One code point more than is kept: that it was cut is told where that is done.
    bio = _beginning(text_of(record, "description"), LIMITS["bio"] + 1)
    return Profile(
        native_id=did,
        display_name=_beginning(text_of(record, "displayName"), LIMITS["display_name"] + 1),
        bio=bio,
        url=page_of(did),
        # Its own `createdAt` is whatever its owner writes there: it is left to the evidence.
        source_time=at,
        links=links_in(bio or ""),
        flags=own_words(object_of(record, "labels").get("values")),
        state=None,
        trust=Trust.PLATFORM,
        **_evidence(row),
    ), _cid(record, "avatar")


def _identity(did: str, at: datetime, row: Mapping[str, Any]) -> Profile | Refused | None:
    """Where the handle is told; it is the word of the account's host, checked by nobody here."""
    handle = text_of(object_of(row, "identity"), "handle")
    if handle is None:
        return None
    if not is_handle(handle):
        return Refused(reason="handle: is none", excerpt=handle[:_SHOWN])
    return Profile(
        native_id=did,
        handle=handle,
        url=page_of(handle),
        source_time=at,
        state=None,
        trust=Trust.UNAUTHENTICATED,
        **_evidence(row),
    )


def _account(did: str, at: datetime, row: Mapping[str, Any]) -> Profile | Refused | None:
    account = object_of(row, "account")
    active, status = account.get("active"), account.get("status")
    if not isinstance(active, bool):
        return Refused(reason="account: says not whether it is active", excerpt=_shown(row))
    # Others (throttled, out of step) are states of a server's copy, not of the account.
    ended = _ENDED.get(status) if isinstance(status, str) else None
    state = SubjectState.LIVE if active else ended
    if state is None:
        return None
    return Profile(native_id=did, url=page_of(did), source_time=at, state=state, **_evidence(row))


def _evidence(row: Mapping[str, Any]) -> dict[str, Any]:
    """The event itself, or the hash of one that is too long: a batch may hold thousands."""
    raw = as_raw(row)
    if len(raw) <= MOST_RAW:
        return {"raw": raw}
    return {"raw_sha256": hashlib.sha256(raw.encode("utf-8", "replace")).hexdigest()}


def _shown(row: Mapping[str, Any]) -> str:
    return as_raw(row)[:_SHOWN]


def _beginning(text: str | None, length: int) -> str | None:
    return text if text is None else text.strip()[:length]


def _cid(record: Mapping[str, Any], name: str) -> str | None:
    blob = object_of(record, name)
    cid = object_of(blob, "ref").get("$link") or blob.get("cid")
    return cid if isinstance(cid, str) and _CID.fullmatch(cid) else None
