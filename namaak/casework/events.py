"""The history of cases as a hash chain, so that a later change of it shows.

How to recompute it with any tool. An event's document is the JSON object

    {"actor", "case_id", "case_seq", "data", "happened_at", "kind", "previous_hash"}

with `case_seq` a number from 1, `data` an object, `happened_at` as 2026-01-31T09:05:00.000000Z
(UTC, six decimals), and `previous_hash` the `hash` of the same case's event before, 64 zeros
for its first. Canonical JSON: keys sorted by code point at every level, no white space, UTF-8,
no character escaped that JSON allows bare, whole numbers only. `hash` is the lower-case
hexadecimal SHA-256 of that. So one case verifies alone. `chain_hash` is the SHA-256 of the 128
ASCII characters made of the `chain_hash` of the event before in `seq` order, of whatever case
(64 zeros for the first), and this event's `hash`. So a removed case shows.
Cut off at its end, a chain still verifies: keep the last `chain_hash` elsewhere (a pack does).

Pure: no database, no clock. May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64
_LEAVES = frozenset({str, int, bool, type(None)})


class EventKind(StrEnum):
    """What can happen to a case."""

    OPENED = "opened"
    SCORE_CHANGED = "score-changed"
    STATE_CHANGED = "state-changed"  #: a look at it shows it alive, parked, gone, ...
    RETURNED = "returned"  #: it was removed or suspended, and is there again
    SUPPRESSED = "suppressed"  #: all its evidence is now the brand's own, or allowed
    WITHDRAWN = "withdrawn"  #: today's watch file and detectors find nothing in it any more
    SUPPORTED = "supported"  #: after either, there is evidence again
    RENAMED = "renamed"  #: an account or app changed its visible name
    JOINED = "joined"  #: an account known by its handle turned out to be one known by its id
    TRIAGED = "triaged"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    WATCHED = "watched"
    SNOOZED = "snoozed"
    ASSIGNED = "assigned"
    REOPENED = "reopened"
    CLOSED = "closed"
    NOTED = "noted"
    ENFORCED = "enforced"  #: the first notice about it went out
    RESOLVED = "resolved"  #: it stayed down for as long as it takes
    RELAPSED = "relapsed"  #: it was down or resolved, and is back
    DOWN = "down"  #: seen down at every vantage, twice
    CHANGED = "changed"  #: what is watched, snoozed or resolved looks otherwise than before
    MERGED = "merged"  #: a person says that it belongs to a campaign
    SPLIT = "split"  #: a person says that it does not
    HELD = "held"  #: a legal hold: nothing of it is deleted
    RELEASED = "released"  #: the hold is over
    CAPTURED = "captured"  #: its page was visited to keep evidence
    PACKED = "packed"  #: an evidence pack was made
    CONTACTS_FOUND = "contacts-found"  #: whom to write to is otherwise than it was
    PROPOSED = "proposed"  #: the next rung of the ladder is due
    ACTION_CHANGED = "action-changed"  #: a takedown action was drafted, approved, sent, ...
    REPLIED = "replied"  #: somebody answered a notice
    THINNED = "thinned"  #: evidence whose time was over was deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event that is not in the chain yet. data: JSON without floats."""

    case_id: str
    kind: EventKind
    actor: str
    happened_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The end of the chain over all cases."""

    seq: int = 0
    chain_hash: str = GENESIS


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenLink:
    """The first event that does not fit what stands before it."""

    case_id: str
    case_seq: int
    seq: int | None  #: None when the events came without it
    what: str  #: what does not fit

    def __str__(self) -> str:
        return f"event {self.case_seq} of case {self.case_id} was changed: {self.what}"


def canonical_json(value: object) -> bytes:
    """Canonical JSON as the module describes it. Raises ValueError for what has no such form.

    >>> canonical_json({"b": [1, None], "a": "é"}).decode()
    '{"a":"é","b":[1,null]}'
    """
    _refuse_floats(value)
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def utc_text(moment: datetime) -> str:
    """As events write a time. Raises ValueError for one without a zone.

    >>> utc_text(datetime(2026, 1, 31, 9, 5, tzinfo=UTC))
    '2026-01-31T09:05:00.000000Z'
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def event_hash(
    *,
    case_id: str,
    case_seq: int,
    happened_at: str,
    actor: str,
    kind: str,
    data: Mapping[str, Any],
    previous_hash: str,
) -> str:
    """`hash` of one event."""
    document = {
        "actor": actor,
        "case_id": case_id,
        "case_seq": case_seq,
        "data": data,
        "happened_at": happened_at,
        "kind": kind,
        "previous_hash": previous_hash,
    }
    return hashlib.sha256(canonical_json(document)).hexdigest()


def next_chain_hash(previous: str, event: str) -> str:
    """`chain_hash` from the one before and the event's `hash`."""
    return hashlib.sha256((previous + event).encode()).hexdigest()


def chain(
    drafts: Iterable[Draft], *, ends: Mapping[str, tuple[int, str]], head: ChainHead
) -> Iterator[dict[str, Any]]:
    """The drafts as rows of `events`, linked in the order given.

    ends: case_id -> (case_seq, hash) of its last event; cases without events are absent.
    """
    last = dict(ends)
    seq, chain_hash = head.seq, head.chain_hash
    for draft in drafts:
        case_seq, previous_hash = last.get(draft.case_id, (0, GENESIS))
        case_seq += 1
        digest = event_hash(
            case_id=draft.case_id,
            case_seq=case_seq,
            happened_at=utc_text(draft.happened_at),
            actor=draft.actor,
            kind=draft.kind,
            data=draft.data,
            previous_hash=previous_hash,
        )
        seq += 1
        chain_hash = next_chain_hash(chain_hash, digest)
        last[draft.case_id] = (case_seq, digest)
        yield {
            "seq": seq,
            "case_id": draft.case_id,
            "case_seq": case_seq,
            "happened_at": draft.happened_at,
            "actor": draft.actor,
            "kind": str(draft.kind),
            "data": canonical_json(draft.data).decode(),
            "previous_hash": previous_hash,
            "hash": digest,
            "chain_hash": chain_hash,
        }


def verify_events(rows: Iterable[Mapping[str, Any]]) -> BrokenLink | None:
    """Check the chains of single cases; the first broken link, or None.

    rows: of one case or several, each case's in the order of case_seq from its first. `seq` and
    `chain_hash` are not looked at. `happened_at` may be a time or the text of one.
    """
    last: dict[str, tuple[int, str]] = {}
    for row in rows:
        what = _fault(row, last.get(row["case_id"], (0, GENESIS)))
        if what:
            return _broken(row, what)
        last[row["case_id"]] = (row["case_seq"], row["hash"])
    return None


def verify_chain(rows: Iterable[Mapping[str, Any]]) -> BrokenLink | None:
    """Check every case and the chain over all of them; the first broken link, or None.

    rows: all events in the order of seq.
    """
    last: dict[str, tuple[int, str]] = {}
    head = ChainHead()
    for row in rows:
        if row["seq"] != head.seq + 1:
            return _broken(row, f"event {head.seq + 1} of all cases is missing before this one")
        what = _fault(row, last.get(row["case_id"], (0, GENESIS)))
        if what:
            return _broken(row, what)
        expected = next_chain_hash(head.chain_hash, row["hash"])
        if row["chain_hash"] != expected:
            return _broken(row, "its chain_hash does not follow from the event before it")
        last[row["case_id"]] = (row["case_seq"], row["hash"])
        head = ChainHead(seq=row["seq"], chain_hash=expected)
    return None


def _fault(row: Mapping[str, Any], last: tuple[int, str]) -> str | None:
    """What is wrong with an event that should follow (case_seq, hash)."""
    case_seq, previous_hash = last
    if row["case_seq"] != case_seq + 1:
        return f"event {case_seq + 1} of this case is missing before this one"
    if row["previous_hash"] != previous_hash:
        return "its previous_hash is not the hash of the event before it"
    return event_fault(row)


def event_fault(row: Mapping[str, Any]) -> str | None:
    """What is wrong with an event taken alone; None where its hash fits what it says."""
    moment = row["happened_at"]
    try:
        data = json.loads(row["data"])
        if canonical_json(data).decode() != row["data"]:
            return "its data is not canonical JSON, so it was written by something else"
        digest = event_hash(
            case_id=row["case_id"],
            case_seq=row["case_seq"],
            happened_at=utc_text(moment) if isinstance(moment, datetime) else moment,
            actor=row["actor"],
            kind=row["kind"],
            data=data,
            previous_hash=row["previous_hash"],
        )
    # Data that somebody tampered with may be anything, also nested too deep to read.
    except (ValueError, RecursionError):
        return "its data is not canonical JSON, so it was written by something else"
    return None if digest == row["hash"] else "its hash does not fit what it says"


def _broken(row: Mapping[str, Any], what: str) -> BrokenLink:
    return BrokenLink(
        case_id=row["case_id"], case_seq=row["case_seq"], seq=row.get("seq"), what=what
    )


def _refuse_floats(value: object) -> None:
    # Programs write the same float differently; a stranger's hash would not come out alike.
    # The types that nearly everything has come first: an audit asks this of every value there is.
    if type(value) in _LEAVES:
        return
    if isinstance(value, float):
        raise ValueError(f"{value!r} is not a whole number")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError(f"the key {key!r} is not text")
            if type(item) not in _LEAVES:
                _refuse_floats(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_floats(item)
