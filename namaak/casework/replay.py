"""The row of a case told again from its history: what does not follow from it was changed by hand.

Every event that moves a case says where to, so that its row needs no trust: which brand and
subject it is, since when, what it is called, workflow, reason, assignee, snooze, where it ranks and
as what, hold, the state of the thing itself, and since when it is down. Events of older versions
told less; what they left out is not held against the row. What is kept of it beside its row is told
again in retelling.
Pure: no database. May import: namaak.casework.events and lifecycle, namaak.records.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Any, NamedTuple

from namaak.casework.events import EventKind, utc_text
from namaak.records import Band, SubjectKind, SubjectState, Workflow

_WORKFLOWS = frozenset(Workflow)
_STATES = frozenset(SubjectState)
#: Moves that keep the reason why it was dismissed.
_KEEP_THE_REASON = frozenset({EventKind.CLOSED})


class _Untold(Enum):
    """No event told it: an older version wrote the history, or wrote its beginning."""

    UNTOLD = "untold"


UNTOLD = _Untold.UNTOLD
#: Where a case ranks and as what.
_RANKED = ("score", "band", "confidence", "severity", "kind")
#: What a case may lack, so that an event says it by leaving it out.
_MAY_LACK = ("domain", "confidence", "severity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A case as its history tells it; times as events write them."""

    workflow: str = Workflow.NEW
    reason_code: str | None = None
    assignee: str | None = None
    snooze_until: str | None = None
    snooze_on_change: bool = False
    legal_hold: bool = False
    down_since: str | None = None
    relapses: int = 0
    score: Any = UNTOLD
    band: Any = UNTOLD
    confidence: Any = UNTOLD
    severity: Any = UNTOLD
    kind: Any = UNTOLD
    subject_state: Any = UNTOLD
    brand_id: Any = UNTOLD
    subject_key: Any = UNTOLD
    subject_kind: Any = UNTOLD
    subject: Any = UNTOLD  #: the name that it took last
    domain: Any = UNTOLD
    opened_at: Any = UNTOLD

    @property
    def is_whole(self) -> bool:
        """Whether events told every column."""
        return UNTOLD not in _values_of(self)


_COLUMNS = tuple(Replayed.__dataclass_fields__)
_values_of = attrgetter(*_COLUMNS)


class Event(NamedTuple):
    """One event, read. A tuple: an audit makes one of every event there is."""

    kind: str
    actor: str
    happened_at: datetime
    data: Mapping[str, Any]  #: its particulars


def told(before: Replayed, event: Event) -> Replayed:
    """The case after one more event."""
    kind, data = event.kind, event.data
    to = data.get("to")
    if kind == EventKind.OPENED:
        return replace(before, **_opened(data), opened_at=event.happened_at)
    if kind == EventKind.RENAMED:
        return replace(before, subject=to)
    if kind == EventKind.DOWN:
        return replace(before, down_since=data.get("since"))
    if kind == EventKind.SCORE_CHANGED and isinstance(to, Mapping):
        return replace(before, **{name: to[name] for name in _RANKED if name in to})
    if kind == EventKind.WITHDRAWN:
        return replace(before, score=0, band=str(Band.NONE), confidence=None, severity=None)
    if kind == EventKind.ASSIGNED:
        return replace(before, assignee=data.get("assignee_to"))
    if kind in (EventKind.HELD, EventKind.RELEASED):
        return replace(before, legal_hold=kind == EventKind.HELD)
    if kind == EventKind.RELAPSED:
        before = replace(before, relapses=before.relapses + 1, down_since=None)
    if kind == EventKind.JOINED:
        return _joined(before, data)
    if not isinstance(to, str):
        return before
    if to in _STATES:
        return replace(before, subject_state=to)
    if to in _WORKFLOWS and kind != EventKind.NOTED:
        return replace(
            before,
            workflow=to,
            reason_code=data.get("reason_code")
            or (before.reason_code if kind in _KEEP_THE_REASON else None),
            # Other events say until when something else was.
            snooze_until=data.get("until") if kind == EventKind.SNOOZED else None,
            snooze_on_change=kind == EventKind.SNOOZED and bool(data.get("on_change")),
        )
    return before


def _joined(before: Replayed, data: Mapping[str, Any]) -> Replayed:
    """The case of a handle that is closed, or that of its account, which takes over decisions."""
    carried = data.get("carried")
    if isinstance(carried, Mapping):
        return replace(
            before,
            workflow=carried.get("workflow", before.workflow),
            reason_code=carried.get("reason_code"),
            assignee=carried.get("assignee"),
            snooze_until=carried.get("snooze_until"),
            snooze_on_change=bool(carried.get("snooze_on_change")),
        )
    to = data.get("to")
    if isinstance(to, str) and to in _WORKFLOWS:
        return replace(before, workflow=to, reason_code=data.get("reason_code"))
    return before


def _opened(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the event that opened a case says of it."""
    key = data.get("subject_key", UNTOLD)
    said = {name: data[name] for name in ("brand_id", "score", "band") if name in data}
    if key is not UNTOLD:
        kind, _, rest = str(key).partition(":")
        said |= {"subject_key": key, "subject_kind": kind}
        # What a host is called its key says, and it is never renamed.
        if kind == SubjectKind.HOST:
            said["subject"] = rest
    # Older versions named no subject. Their `kind` was that of the day: it moved without a word.
    if "subject" in data:
        said |= {"subject": data["subject"], "kind": data.get("kind")}
        said |= {name: data.get(name) for name in _MAY_LACK}
        said["subject_state"] = data.get("subject_state", str(SubjectState.UNKNOWN))
    return said


def differences(row: Mapping[str, Any], replayed: Replayed) -> tuple[str, ...]:
    """Where a row of cases is not what its history tells, as sentences' ends.

    row: with the columns of `Replayed`. What no event told is not held against the row.
    """
    found = []
    for name, says in zip(_COLUMNS, _values_of(replayed), strict=True):
        stood = row[name]
        # Nearly always; everything else is for the few that are left.
        if stood == says or says is UNTOLD:
            continue
        stood, says = (utc_text(one) if isinstance(one, datetime) else one for one in (stood, says))
        if stood != says:
            found.append(f"{name} is {shown(stood)}, and its history says {shown(says)}")
    return tuple(found)


def data_of(text: str) -> Mapping[str, Any]:
    """The particulars of an event; empty for what is no object: the chain tells what is wrong."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def shown(value: object) -> str:
    """A value as a sentence says it."""
    return "nothing" if value is None else str(value)[:100]
