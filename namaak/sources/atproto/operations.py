"""One operation of the directory of DIDs: whose it is, when, and which handles it claims.

Specification did:plc 0.3, "Operations" and "Bulk Export", read 2026. The directory checks who
signed an operation, never whether a handle points back: what stands here is what somebody claims.
Pure. May import: namaak.records, namaak.sources.atproto, namaak.sources.base, profiles.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from namaak.records import SubjectState, Trust
from namaak.sources.atproto.identity import handle_in, is_did, page_of
from namaak.sources.profiles.answers import as_raw, moment_of, object_of
from namaak.sources.profiles.profile import Profile, Refused

#: Of one operation; the directory itself allows no more.
_MOST_NAMES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One line of the export. Without entries it says nothing about handles."""

    digest: str  #: 16 hex digits; the same for the same operation in the same standing
    at: datetime | None  #: when the directory took it; aware
    seq: int | None
    entries: tuple[Profile | Refused, ...]


def read_operation(line: bytes) -> Operation | None:
    """None where the line is no JSON, as the end of an answer that was cut off."""
    try:
        row = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return refused(line, "operation: is no object")
    did, at = row.get("did"), moment_of(row, "createdAt")
    if not isinstance(did, str) or not is_did(did):
        return refused(line, "did: is none", at=at, seq=_seq(row))
    if at is None:
        return refused(line, "createdAt: is no time", seq=_seq(row))
    nullified = row.get("nullified") is True
    known = f"{did} {row.get('cid')} {nullified}"
    return Operation(
        digest=_digest(known.encode("utf-8", "replace") if _has_cid(row) else line),
        at=at,
        seq=_seq(row),
        entries=(
            (Refused(reason="operation: was nullified by a later one", excerpt=as_raw(row)),)
            if nullified
            else _entries(did, at, object_of(row, "operation"))
        ),
    )


def refused(
    line: bytes, reason: str, *, at: datetime | None = None, seq: int | None = None
) -> Operation:
    """A line that says nothing that could be used."""
    shown = line[:800].decode("utf-8", "replace")
    return Operation(
        digest=_digest(line), at=at, seq=seq, entries=(Refused(reason=reason, excerpt=shown),)
    )


def _entries(did: str, at: datetime, operation: Mapping[str, Any]) -> tuple[Profile | Refused, ...]:
    kind = operation.get("type")
    if kind == "plc_tombstone":
        return (
            Profile(
                native_id=did,
                url=page_of(did),
                source_time=at,
                state=SubjectState.REMOVED,
                trust=Trust.UNAUTHENTICATED,
            ),
        )
    if kind not in ("plc_operation", "create"):
        return (Refused(reason="operation: is of no known type", excerpt=str(kind)),)
    names = operation.get("alsoKnownAs")
    if kind == "create":
        # The form of 2022, which names its one handle without a scheme.
        names = [f"at://{operation.get('handle')}"]
    if not isinstance(names, list):
        return (Refused(reason="alsoKnownAs: is no list", excerpt=str(names)),)
    found: list[Profile | Refused] = []
    for name in names[:_MOST_NAMES]:
        handle = handle_in(name)
        if handle is not None:
            found.append(
                Profile(
                    native_id=did,
                    handle=handle,
                    url=page_of(handle),
                    created_at=at if operation.get("prev") is None else None,
                    source_time=at,
                    state=None,
                    trust=Trust.UNAUTHENTICATED,
                )
            )
        elif isinstance(name, str) and not name.startswith("at://"):
            found.append(Refused(reason="alsoKnownAs: is no handle of this network", excerpt=name))
        else:
            found.append(Refused(reason="alsoKnownAs: is no handle", excerpt=str(name)))
    for name in names[_MOST_NAMES:]:
        why = f"alsoKnownAs: more than {_MOST_NAMES}; left out"
        found.append(Refused(reason=why, excerpt=str(name)))
    return tuple(found)


def _has_cid(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("cid"), str)


def _seq(row: Mapping[str, Any]) -> int | None:
    seq = row.get("seq")
    return seq if isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq < 2**62 else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
