"""The row of a case told again from its history: what does not follow from it was changed by hand.

Every event that moves a case says where to, so that its row needs no trust: workflow, reason,
assignee, snooze, score and band, hold, the state of the thing itself, since when it is down, and
what it is called. What is kept of it beside its row is told again in retelling.
Pure: no database. May import: namaak.casework.events and lifecycle, namaak.records.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from namaak.casework.events import EventKind, utc_text
from namaak.records import Band, SubjectKind, SubjectState, Workflow

_WORKFLOWS = frozenset(Workflow)
_STATES = frozenset(SubjectState)
#: Moves that keep the reason why it was dismissed.
_KEEP_THE_REASON = frozenset({EventKind.CLOSED})
#: What a case may have without an event that says so.
_UNTOLD = frozenset({"score", "band", "subject_state", "brand_id", "subject_key", "subject"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A case as its history tells it. None of what is in _UNTOLD: no event told it."""

    workflow: str = Workflow.NEW
    reason_code: str | None = None
    assignee: str | None = None
    snooze_until: str | None = None  #: as events write a time
    snooze_on_change: bool = False
    legal_hold: bool = False
    score: int | None = None
    band: str | None = None
    subject_state: str | None = None
    down_since: str | None = None  #: as events write a time
    relapses: int = 0
    brand_id: str | None = None
    subject_key: str | None = None
    subject: str | None = None  #: the name that it took last


def told(before: Replayed, kind: str, data: Mapping[str, Any]) -> Replayed:
    """The case after one more event. data: its particulars."""
    to = data.get("to")
    if kind == EventKind.OPENED:
        return replace(
            before,
            score=data.get("score"),
            band=data.get("band"),
            brand_id=data.get("brand_id"),
            subject_key=data.get("subject_key"),
            subject=_bare_name(data.get("subject_key")),
        )
    if kind == EventKind.RENAMED:
        return replace(before, subject=to)
    if kind == EventKind.DOWN:
        return replace(before, down_since=data.get("since"))
    if kind == EventKind.SCORE_CHANGED and isinstance(to, Mapping):
        return replace(before, score=to.get("score"), band=to.get("band"))
    if kind == EventKind.WITHDRAWN:
        return replace(before, score=0, band=str(Band.NONE))
    if kind == EventKind.ASSIGNED:
        return replace(before, assignee=data.get("assignee_to"))
    if kind in (EventKind.HELD, EventKind.RELEASED):
        return replace(before, legal_hold=kind == EventKind.HELD)
    if kind == EventKind.RELAPSED:
        before = replace(before, relapses=before.relapses + 1, down_since=None)
    if kind == EventKind.JOINED:
        return _joined(before, data)
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
    if data.get("to") in _WORKFLOWS:
        return replace(before, workflow=data["to"], reason_code=data.get("reason_code"))
    return before


def _bare_name(subject_key: object) -> str | None:
    """What a host is called: its key says it, and it is never renamed."""
    kind, _, rest = str(subject_key).partition(":")
    return rest if kind == SubjectKind.HOST else None


def differences(row: Mapping[str, Any], replayed: Replayed) -> tuple[str, ...]:
    """Where a row of cases is not what its history tells, as sentences' ends.

    row: with the columns of `Replayed`. What no event told is not held against the row.
    """
    found = []
    for name in Replayed.__dataclass_fields__:
        stood, says = row[name], getattr(replayed, name)
        if isinstance(stood, datetime):
            stood = utc_text(stood)
        if says is None and name in _UNTOLD:
            continue
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
