"""Captures, packs, notices, answers and contacts of a case told again from its history.

Rows of these tables are what notices, packs and figures are made of; a row that was changed, added
or deleted by hand differs from what the events of its case say, or is named by none.
Pure: no database. May import: namaak.casework.events, replay and rowdigest,
namaak.casework.contacts.telling, namaak.casework.notices.composing and covering, namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from namaak.casework.contacts.telling import NOTHING_FOUND, contacts_digest
from namaak.casework.events import EventKind, utc_text
from namaak.casework.notices.composing import content_digest, reply_words_digest
from namaak.casework.notices.covering import provider_named
from namaak.casework.replay import Event, shown
from namaak.casework.rowdigest import row_digest
from namaak.records import ActionState

Row = Mapping[str, Any]
#: What an event is about, and by whom and when, beside its particulars.
_TOLD_BY, _TOLD_AT = "told_by", "told_at"
_BEGUN = "begun"
#: Of a capture, what its event names: enough to find the bytes and to see that they are the same.
CAPTURED = (
    "capture_id", "url", "final_url", "vantage", "outcome", "reason", "http_status",
    "wacz_sha256", "full_sha256", "view_sha256", "dom_sha256", "text_sha256", "tls_sha256",
    "warc_sha256", "ct_sha256", "document_sha256",
)  # fmt: skip
#: Of a pack.
PACKED = ("pack_id", "profile", "path", "tagmanifest_sha256", "signed", "stamped")
#: Kinds of events that tell what is kept beside the row.
_TOLD_HERE = frozenset(
    {
        EventKind.CAPTURED,
        EventKind.PACKED,
        EventKind.ACTION_CHANGED,
        EventKind.REPLIED,
        EventKind.CONTACTS_FOUND,
    }
)
_ENDED = frozenset({ActionState.EXECUTED, ActionState.DENIED, ActionState.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of one case beside its row."""

    captures: Sequence[Row] = ()
    packs: Sequence[Row] = ()
    actions: Sequence[Row] = ()
    replies: Sequence[Row] = ()
    contacts: Sequence[Row] = ()
    failures: Sequence[Row] = ()  #: where contacts were looked for in vain
    #: What is looked at in namaak.casework.grounds.
    hand_opened: Sequence[Row] = ()
    checks: Sequence[Row] = ()  #: of a case that was down at any time

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return any(
            (self.captures, self.packs, self.actions, self.replies, self.contacts, self.failures)
        )


@dataclass(slots=True, kw_only=True)
class _Action:
    """A notice as the history of one of its cases tells it."""

    state: str = ""
    route: Any = None
    provider: Any = None
    template: Any = None
    content_sha256: Any = None
    drafted: tuple[str, str] | None = None  #: by whom and when
    approved: tuple[str, str] | None = None
    approved_sha256: Any = None
    sent: tuple[str, str] | None = None
    sent_sha256: Any = None
    sent_how: Any = None
    sending: tuple[str, str] | None = None  #: begun, and nobody knows what became of it
    begun_at: set[str] = field(default_factory=set)
    ended_at: str | None = None
    row_sha256: Any = None  #: over the whole row; None: an older version wrote last


def kept_otherwise(kept: Kept, events: Sequence[Event]) -> Iterator[str]:
    """Where what is kept is not what the events tell, as sentences. events: in their order."""
    if not kept and not any(event.kind in _TOLD_HERE for event in events):
        return  # as of most cases, of which nothing but a row is kept
    captures: dict[str, Row] = {}
    packs: dict[str, Row] = {}
    actions: dict[str, _Action] = {}
    replies: dict[str, Row] = {}
    contacts_sha256: Any = NOTHING_FOUND
    for event in events:
        data = event.data
        signed = {_TOLD_BY: event.actor, _TOLD_AT: event.happened_at}
        match event.kind:
            case EventKind.CAPTURED:
                captures[str(data.get("capture_id"))] = {**data, **signed}
            case EventKind.PACKED:
                packs[str(data.get("pack_id"))] = {**data, **signed}
            case EventKind.CONTACTS_FOUND:
                contacts_sha256 = data.get("contacts_sha256")
            case EventKind.ACTION_CHANGED:
                action = actions.setdefault(str(data.get("action_id")), _Action())
                _tell(action, data, event)
            case EventKind.REPLIED:
                action = actions.setdefault(str(data.get("action_id")), _Action())
                _tell_state(action, data, event)
                replies[f"{data.get('action_id')} {data.get('position')}"] = {
                    "channel": data.get("channel"), "content_sha256": data.get("content_sha256"),
                    "state_after": data.get("to"), "logged_by": event.actor,
                    "logged_at": event.happened_at, "received_at": data.get("received_at"),
                    "words_sha256": data.get("words_sha256"),
                }  # fmt: skip
    yield from _recorded("the capture", {row["capture_id"]: row for row in kept.captures}, captures,
                         names=CAPTURED, by="operator", at="ended_at")  # fmt: skip
    yield from _recorded("the pack", {row["pack_id"]: row for row in kept.packs}, packs,
                         names=PACKED, by="actor", at="made_at")  # fmt: skip
    if contacts_digest(kept.contacts, kept.failures) != contacts_sha256:
        yield (
            "whom to write to is not what its history says was found last: a contact, or where one "
            "was looked for in vain, was changed, added or deleted"
        )
    found = {f"{row['action_id']} {row['position']}": _as_told(row) for row in kept.replies}
    yield from _compared("the answer", found, replies)
    yield from _actions_compared({row["action_id"]: row for row in kept.actions}, actions)


def leaves_out(events: Sequence[Event]) -> bool:
    """Whether an older version wrote of a capture, pack or notice, without a digest of its row."""
    named: dict[str, bool] = {}  # of a notice the last event counts
    for event in events:
        if event.kind in (EventKind.CAPTURED, EventKind.PACKED):
            if event.data.get("row_sha256") is None:
                return True
        elif event.kind in (EventKind.ACTION_CHANGED, EventKind.REPLIED):
            named[str(event.data.get("action_id"))] = event.data.get("row_sha256") is not None
    return not all(named.values())


def _recorded(
    what: str, rows: Mapping[str, Row], told: Mapping[str, Row], *,
    names: Sequence[str], by: str, at: str,
) -> Iterator[str]:  # fmt: skip
    """Rows written once: by the columns that their event names, and whole by its digest."""
    shortened = {
        name: {**{one: row[one] for one in names}, _TOLD_BY: row[by], _TOLD_AT: row[at]}
        for name, row in rows.items()
    }
    found = list(_compared(what, shortened, told))
    yield from found
    for name in sorted(rows.keys() & told.keys()):
        says = told[name].get("row_sha256")
        about = f"{what} {name}"
        if says is None or row_digest(rows[name]) == says:
            continue
        if not any(one.startswith(about) for one in found):
            yield f"{about} was changed: its row is not the one that its history names by a digest"


def _as_told(reply: Row) -> Row:
    """An answer with the digest of its words in their place."""
    told = {name: reply[name] for name in reply if name not in ("sender", "summary")}
    return {**told, "words_sha256": reply_words_digest(reply)}


def _compared(what: str, rows: Mapping[str, Row], told: Mapping[str, Row]) -> Iterator[str]:
    yield from _there_and_told(what, rows, told)
    for name in sorted(rows.keys() & told.keys()):
        row, says = rows[name], told[name]
        for column in row:
            if column not in ("case_id", "action_id", "position"):
                yield from differs(f"{what} {name}", column, row[column], says.get(column))


def _actions_compared(rows: Mapping[str, Row], told: Mapping[str, _Action]) -> Iterator[str]:
    there = {name: row for name, row in rows.items() if row["state"] is not None}
    yield from _there_and_told("the notice", there, told)
    for name in sorted(there.keys() & told.keys()):
        row, says = there[name], told[name]
        about = f"the notice {name}"
        found = list(_action_compared(about, row, says))
        yield from found
        # What stands in no event by name, as when its captures are from or what it still lacks.
        whole = says.row_sha256 is None or row_digest(row, but=("case_id",)) == says.row_sha256
        if not whole and not found:
            yield f"{about} was changed: its row is not the one that its history names by a digest"


def _action_compared(about: str, row: Row, says: _Action) -> Iterator[str]:
    for column in ("state", "route", "template"):
        yield from differs(about, column, row[column], getattr(says, column))
    yield from differs(about, "provider", provider_named(row), says.provider)
    for column in ("drafted", "approved", "sending"):
        by, at = getattr(says, column) or (None, None)
        yield from differs(about, f"{column}_by", row[f"{column}_by"], by)
        yield from differs(about, f"{column}_at", row[f"{column}_at"], at)
    yield from differs(about, "content_sha256", row["content_sha256"], says.content_sha256)
    if content_digest(row) != row["content_sha256"]:
        yield f"{about} was changed: what would go out, or to whom, is not what was drafted"
    yield from differs(about, "approved_sha256", row["approved_sha256"], says.approved_sha256)
    yield from _sending_compared(about, row, says)
    yield from differs(about, "ended_at", row["ended_at"], says.ended_at)


def _sending_compared(about: str, row: Row, says: _Action) -> Iterator[str]:
    by, at = says.sent or (None, None)
    yield from differs(about, "sent_by", row["sent_by"], by)
    yield from differs(about, "sent_how", row["sent_how"], says.sent_how)
    sent_at = row["sent_at"]
    # Found out later, it went out when the sending was begun, and not when that was written down.
    if sent_at is None or says.sent is None or utc_text(sent_at) not in says.begun_at:
        yield from differs(about, "sent_at", sent_at, at)
    # Of a mail of which nobody knows whether it went out the event names no digest.
    if says.sending is None:
        yield from differs(about, "sent_sha256", row["sent_sha256"], says.sent_sha256)


def _there_and_told(what: str, rows: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(told.keys() - rows.keys()):
        yield f"{what} {shown(name)} is gone, and its history names it"
    for name in sorted(rows.keys() - told.keys()):
        yield f"{what} {shown(name)} is in no event of it"


def differs(about: str, column: str, stood: Any, says: Any) -> Iterator[str]:
    """One column that is not as told, as a sentence; times are compared as events write them."""
    stood, says = (utc_text(one) if isinstance(one, datetime) else one for one in (stood, says))
    if stood != says:
        yield f"{about} has {column} {shown(stood)}, and its history says {shown(says)}"


def _tell(action: _Action, data: Row, event: Event) -> None:
    """One more event of it."""
    before = action.state
    _tell_state(action, data, event)
    action.route, action.template = data.get("route"), data.get("template")
    mark = (event.actor, utc_text(event.happened_at))
    digest = data.get("content_sha256")
    to = data.get("to")
    if to == ActionState.SENT and data.get("from") == ActionState.APPROVED:
        action.sent, action.sending = mark, None
        action.sent_sha256, action.sent_how = data.get("sent_sha256"), data.get("how")
    elif data.get("late"):
        # Of a sending that a person settled: the notice stands where it stood.
        if data.get("sending") == "taken" and action.sent_how == "smtp":
            action.sent_sha256 = action.sent_sha256 or data.get("sent_sha256")
    elif data.get("sending") == _BEGUN:
        action.sending = mark
        action.begun_at.add(mark[1])
    elif data.get("sending") == "refused":
        action.sending = action.sent_sha256 = None
    elif to == ActionState.DRAFT:
        action.approved = action.approved_sha256 = None
        if digest is not None:
            action.drafted, action.content_sha256 = mark, digest
    elif to == ActionState.APPROVED and before != ActionState.APPROVED:
        action.approved, action.approved_sha256 = mark, digest


def _tell_state(action: _Action, data: Row, event: Event) -> None:
    action.state, action.provider = str(data.get("to")), data.get("provider")
    action.row_sha256 = data.get("row_sha256")
    if action.state in _ENDED and action.ended_at is None:
        action.ended_at = utc_text(event.happened_at)
