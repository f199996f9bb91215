"""Axis one of a case: which decision leads from which workflow state to which.

One table; whatever is not in it cannot happen. The moves into and out of enforcing and
resolved belong to notices and follow-up.
Pure: no database, no clock. May import: namaak.records, namaak.errors, namaak.casework.events.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from namaak.casework.events import EventKind
from namaak.errors import UsageError
from namaak.records import Workflow

_Word = TypeVar("_Word", bound=StrEnum)

MAX_NOTE_CHARACTERS = 10_000
MAX_NAME_CHARACTERS = 200
#: Actors whose name starts so are flows; all others are people.
FLOW_PREFIX = "flow:"


class DecisionKind(StrEnum):
    """What can be decided about a case; also the words of `namaak triage`."""

    TRIAGE = "triage"
    CONFIRM = "confirm"
    DISMISS = "dismiss"
    WATCH = "watch"
    SNOOZE = "snooze"
    ASSIGN = "assign"
    REOPEN = "reopen"
    CLOSE = "close"
    NOTE = "note"
    ENFORCE = "enforce"
    RESOLVE = "resolve"


class ReasonCode(StrEnum):
    """Why a case was dismissed."""

    OWN_ASSET = "own-asset"
    LICENSED = "licensed"
    FAN_PARODY = "fan-parody"
    UNRELATED = "unrelated"
    WEAK_MATCH = "weak-match"
    DUPLICATE = "duplicate"


class Who(StrEnum):
    """Whether a person or a flow acts."""

    PERSON = "person"
    FLOW = "flow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision. Plain words for kind and reason_code are taken too; others: UsageError."""

    kind: DecisionKind
    reason_code: ReasonCode | None = None  #: dismiss: required; others: none
    note: str | None = None  #: note: required; others: welcome
    until: datetime | None = None  #: snooze: wakes then
    on_change: bool = False  #: snooze: wakes when the band rises
    assignee: str | None = None  #: assign: whose it is; None gives it back

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", _word(DecisionKind, self.kind, "decision"))
        if self.reason_code is not None:
            reason_code = _word(ReasonCode, self.reason_code, "reason")
            object.__setattr__(self, "reason_code", reason_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The part of a case that a decision may change."""

    workflow: Workflow
    reason_code: ReasonCode | None = None
    assignee: str | None = None
    snooze_until: datetime | None = None
    snooze_on_change: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table. `to` None: the workflow state stays."""

    decision: DecisionKind
    start: frozenset[Workflow]
    to: Workflow | None
    event: EventKind
    who: frozenset[Who] = frozenset({Who.PERSON})
    needs_reason: bool = False


_UNDECIDED = frozenset({Workflow.NEW, Workflow.TRIAGE, Workflow.REOPENED})
_WAITING = frozenset({Workflow.WATCHING, Workflow.SNOOZED})
_CONFIRMED = frozenset({Workflow.CONFIRMED})
_ALL = frozenset(Workflow)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        decision=DecisionKind.TRIAGE,
        start=frozenset({Workflow.NEW, Workflow.REOPENED}) | _WAITING,
        to=Workflow.TRIAGE,
        event=EventKind.TRIAGED,
    ),
    Transition(
        decision=DecisionKind.CONFIRM,
        start=_UNDECIDED | _WAITING,
        to=Workflow.CONFIRMED,
        event=EventKind.CONFIRMED,
    ),
    Transition(
        decision=DecisionKind.DISMISS,
        start=_UNDECIDED | _WAITING | _CONFIRMED,
        to=Workflow.DISMISSED,
        event=EventKind.DISMISSED,
        needs_reason=True,
    ),
    Transition(
        decision=DecisionKind.WATCH,
        start=_UNDECIDED | _CONFIRMED | {Workflow.SNOOZED},
        to=Workflow.WATCHING,
        event=EventKind.WATCHED,
    ),
    Transition(
        decision=DecisionKind.SNOOZE,
        start=_UNDECIDED | _CONFIRMED | _WAITING,
        to=Workflow.SNOOZED,
        event=EventKind.SNOOZED,
    ),
    Transition(
        decision=DecisionKind.REOPEN,
        start=_WAITING | {Workflow.DISMISSED, Workflow.RESOLVED, Workflow.CLOSED},
        to=Workflow.REOPENED,
        event=EventKind.REOPENED,
        who=frozenset({Who.PERSON, Who.FLOW}),
    ),
    Transition(
        decision=DecisionKind.CLOSE,
        start=_CONFIRMED | {Workflow.DISMISSED, Workflow.RESOLVED, Workflow.WATCHING},
        to=Workflow.CLOSED,
        event=EventKind.CLOSED,
    ),
    Transition(
        decision=DecisionKind.ENFORCE,
        start=_UNDECIDED | _WAITING | _CONFIRMED | {Workflow.ENFORCING},
        to=Workflow.ENFORCING,
        event=EventKind.ENFORCED,
    ),
    Transition(
        decision=DecisionKind.RESOLVE,
        start=_CONFIRMED | {Workflow.ENFORCING, Workflow.WATCHING},
        to=Workflow.RESOLVED,
        event=EventKind.RESOLVED,
        who=frozenset({Who.PERSON, Who.FLOW}),
    ),
    Transition(
        decision=DecisionKind.ASSIGN,
        start=_ALL - {Workflow.CLOSED},
        to=None,
        event=EventKind.ASSIGNED,
    ),
    Transition(
        decision=DecisionKind.NOTE,
        start=_ALL,
        to=None,
        event=EventKind.NOTED,
        who=frozenset({Who.PERSON, Who.FLOW}),
    ),
)


def who_is(actor: str) -> Who:
    """Person or flow, by the actor's name. Raises UsageError for a name nobody can have."""
    _check_text(actor, "name of who decides", MAX_NAME_CHARACTERS)
    return Who.FLOW if actor.startswith(FLOW_PREFIX) else Who.PERSON


def possible(workflow: Workflow, who: Who) -> tuple[DecisionKind, ...]:
    """Which decisions there are from here, in the order of the table."""
    return tuple(t.decision for t in TRANSITIONS if workflow in t.start and who in t.who)


def decide(
    standing: Standing, decision: Decision, *, who: Who, now: datetime
) -> tuple[Standing, EventKind]:
    """What becomes of a case, and the event to write. Raises UsageError for what cannot be."""
    transition = next(t for t in TRANSITIONS if t.decision is decision.kind)
    if standing.workflow not in transition.start or who not in transition.who:
        moves = ", ".join(possible(standing.workflow, who)) or "nothing"
        raise UsageError(
            f"A {who} cannot {decision.kind} a case that is {standing.workflow}; "
            f"possible from here: {moves}."
        )
    _check_particulars(decision, transition, now)
    if decision.kind is DecisionKind.ASSIGN:
        return replace(standing, assignee=decision.assignee), transition.event
    if transition.to is None:
        return standing, transition.event
    # A dismissed case that is closed was still dismissed for that reason.
    kept = standing.reason_code if decision.kind is DecisionKind.CLOSE else None
    moved = Standing(
        workflow=transition.to,
        reason_code=decision.reason_code or kept,
        assignee=standing.assignee,
        snooze_until=decision.until,
        snooze_on_change=decision.on_change,
    )
    return moved, transition.event


def wakes(standing: Standing, *, rank_before: int, rank_after: int) -> bool:
    """Whether stronger evidence re-opens the case. Ranks: position of the band in Band.

    Only where a person said so: snoozed until a change, or dismissed as a weak match.
    """
    if rank_after <= rank_before:
        return False
    if standing.workflow is Workflow.SNOOZED:
        return standing.snooze_on_change
    return standing.workflow is Workflow.DISMISSED and standing.reason_code is ReasonCode.WEAK_MATCH


def _check_particulars(decision: Decision, transition: Transition, now: datetime) -> None:
    if transition.needs_reason and decision.reason_code is None:
        raise UsageError(f"Say why, with one of the reasons {', '.join(ReasonCode)}.")
    if not transition.needs_reason and decision.reason_code is not None:
        raise UsageError(f"A reason goes with dismiss, not with {decision.kind}; use a note.")
    if decision.kind is DecisionKind.SNOOZE:
        if decision.until is None and not decision.on_change:
            raise UsageError("Say until when to snooze the case, or until it changes.")
    elif decision.until is not None or decision.on_change:
        raise UsageError(f"A time or change to wake at goes with snooze, not {decision.kind}.")
    if decision.until is not None:
        if decision.until.tzinfo is None:
            raise UsageError("The time to snooze until has no time zone; add one, as in 09:00Z.")
        if decision.until <= now:
            raise UsageError("The time to snooze until is past; give a later one.")
    if decision.assignee is not None:
        if decision.kind is not DecisionKind.ASSIGN:
            raise UsageError(f"A person goes with assign, not with {decision.kind}.")
        _check_text(decision.assignee, "name of the person", MAX_NAME_CHARACTERS)
    if decision.kind is DecisionKind.NOTE and decision.note is None:
        raise UsageError("The note is empty; say what there is to note.")
    if decision.note is not None:
        _check_text(decision.note, "note", MAX_NOTE_CHARACTERS)


def _check_text(text: str, what: str, limit: int) -> None:
    if not text.strip():
        raise UsageError(f"The {what} is empty; fill it in.")
    if len(text) > limit:
        raise UsageError(f"The {what} has {len(text)} characters; shorten it to {limit}.")
    # Half a surrogate pair, as a terminal may pass on, has no UTF-8 and so no hash.
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError(f"The {what} has bytes that are not UTF-8; type it again.")


def _word(kind: type[_Word], word: str, what: str) -> _Word:
    try:
        return kind(word)
    except ValueError:
        raise UsageError(f"There is no {what} {word!r}; use one of {', '.join(kind)}.") from None
