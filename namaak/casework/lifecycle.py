"""Axis one of a case: which decision leads from which workflow state to which.

One table; whatever is not in it cannot happen. What a move rests on beside the state it starts
from (a notice that was sent, a week of being down) is told with the decision by whoever has it
in hand, because this module reads nothing. Axis two is in subject_moves, axis three in
action_moves; docs/reference/lifecycle.md shows all three.
Pure: no database, no clock. May import: namaak.records, namaak.errors, namaak.casework.events.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from namaak.casework.events import EventKind, utc_text
from namaak.errors import UsageError
from namaak.records import Workflow

_Word = TypeVar("_Word", bound=StrEnum)

MAX_NOTE_CHARACTERS = 10_000
MAX_NAME_CHARACTERS = 200
#: Seven days down, as others in this trade count it; `[follow_up]` of the watch file may differ.
DOWN_FOR = timedelta(days=7)
#: Actors whose name starts so are flows; all others are people.
FLOW_PREFIX = "flow:"
_DAY = timedelta(days=1)
#: Categories of characters that steer how a name is shown, and are none of it.
_STEERING = frozenset({"Cc", "Cf", "Zl", "Zp"})
#: Letters and colons that a reader takes for those of FLOW_PREFIX, beside what NFKD makes of them.
_LOOKS = str.maketrans("\u043e\u03bf\u0585\u051d\u04cf\u2236\ua789\u0589\u05c3\u02d0", "ooowl:::::")


class DecisionKind(StrEnum):
    """What can be decided about a case; those of BY_HAND are the words of `namaak triage`."""

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


class Guard(StrEnum):
    """What must be so beside the state that a case is in."""

    REASON = "a reason is given"
    SENT_ACTION = "a notice about it was sent"
    DOWN_LONG_ENOUGH = "it was down all the time it takes"
    NOTHING_LEFT = "no evidence is left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision. Plain words for kind and reason_code are taken too; others: UsageError."""

    kind: DecisionKind
    reason_code: ReasonCode | None = None  #: dismiss: required; others: none
    note: str | None = None  #: note: required; others: welcome
    until: datetime | None = None  #: snooze: wakes then
    on_change: bool = False  #: snooze: wakes when the band rises or what it shows changes
    assignee: str | None = None  #: assign: whose it is; None gives it back
    duplicate_of: str | None = None  #: dismiss as duplicate: the case that it doubles, if one
    rule_id: str | None = None  #: dismiss as licensed: the allow rule that says so, if one
    rule_sha256: str | None = None  #: of that rule as it is then
    action_id: str | None = None  #: enforce: the action that was sent
    down_since: datetime | None = None  #: resolve: since when every vantage sees it down
    down_for: timedelta = DOWN_FOR  #: resolve: how long that must be before a flow may

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
    has_evidence: bool = True  #: something speaks for it: its band is not `none`


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table. `to` None: the workflow state stays."""

    decision: DecisionKind
    start: frozenset[Workflow]
    to: Workflow | None
    event: EventKind
    who: frozenset[Who] = frozenset({Who.PERSON})
    guard: Guard | None = None
    #: The guard asks of these only; the others may without.
    guarded_start: frozenset[Workflow] = frozenset(Workflow)
    guarded_who: frozenset[Who] = frozenset(Who)

    def guards(self, start: Workflow, who: Who) -> bool:
        """Whether the guard asks of them."""
        return self.guard is not None and start in self.guarded_start and who in self.guarded_who


_UNDECIDED = frozenset({Workflow.NEW, Workflow.TRIAGE, Workflow.REOPENED})
_WAITING = frozenset({Workflow.WATCHING, Workflow.SNOOZED})
_CONFIRMED = frozenset({Workflow.CONFIRMED})
_OVER = frozenset({Workflow.DISMISSED, Workflow.RESOLVED})
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
        # Also after a notice went out: whoever was wrong must be able to say so.
        start=_UNDECIDED | _WAITING | _CONFIRMED | {Workflow.ENFORCING},
        to=Workflow.DISMISSED,
        event=EventKind.DISMISSED,
        guard=Guard.REASON,
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
        start=_WAITING | _OVER | {Workflow.CLOSED},
        to=Workflow.REOPENED,
        event=EventKind.REOPENED,
        who=frozenset({Who.PERSON, Who.FLOW}),
    ),
    Transition(
        decision=DecisionKind.CLOSE,
        start=_UNDECIDED | _CONFIRMED | _OVER | {Workflow.ENFORCING, Workflow.WATCHING},
        to=Workflow.CLOSED,
        event=EventKind.CLOSED,
        # Closing is no way around saying whether it poses as the brand.
        guard=Guard.NOTHING_LEFT,
        guarded_start=_UNDECIDED,
    ),
    Transition(
        decision=DecisionKind.ENFORCE,
        start=_UNDECIDED | _WAITING | _CONFIRMED | {Workflow.ENFORCING},
        to=Workflow.ENFORCING,
        event=EventKind.ENFORCED,
        guard=Guard.SENT_ACTION,
    ),
    Transition(
        decision=DecisionKind.RESOLVE,
        start=_CONFIRMED | {Workflow.ENFORCING, Workflow.WATCHING},
        to=Workflow.RESOLVED,
        event=EventKind.RESOLVED,
        who=frozenset({Who.PERSON, Who.FLOW}),
        # A person may know more than any look at it: that its owner signed, say.
        guard=Guard.DOWN_LONG_ENOUGH,
        guarded_who=frozenset({Who.FLOW}),
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


#: What a person says of a case by itself; what is enforced follows from sending a notice.
BY_HAND = tuple(row.decision for row in TRANSITIONS if row.guard is not Guard.SENT_ACTION)


def who_is(actor: str) -> Who:
    """Person or flow, by the actor's name. Raises UsageError for a name nobody can have."""
    check_name(actor, "name of who decides")
    if actor.startswith(FLOW_PREFIX):
        return Who.FLOW
    if looks_like_flow(actor):
        raise UsageError(
            f"The name {actor!r} reads like that of a flow and is none; give the name of a person."
        )
    return Who.PERSON


def looks_like_flow(name: str) -> bool:
    """Whether a reader may take it for the name of a flow.

    >>> [looks_like_flow(name) for name in ("flow:auto", " Flow : auto", "Flo Weber")]
    [True, True, False]
    """
    folded = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKS)
    bare = "".join(
        one for one in folded if not (one.isspace() or unicodedata.category(one) in ("Mn", "Cf"))
    )
    return bare.startswith(FLOW_PREFIX)


def possible(workflow: Workflow, who: Who) -> tuple[DecisionKind, ...]:
    """Which decisions there are from here, in the order of the table."""
    return tuple(t.decision for t in TRANSITIONS if workflow in t.start and who in t.who)


def offered(standing: Standing, who: Who) -> tuple[DecisionKind, ...]:
    """Those of them that can be asked for by their word, and that no guard refuses as it stands."""
    closed = next(t for t in TRANSITIONS if t.guard is Guard.NOTHING_LEFT)
    kept = standing.has_evidence and closed.guards(standing.workflow, who)
    return tuple(
        kind
        for kind in possible(standing.workflow, who)
        if kind in BY_HAND and not (kept and kind is closed.decision)
    )


def decide(
    standing: Standing, decision: Decision, *, who: Who, now: datetime
) -> tuple[Standing, EventKind]:
    """What becomes of a case, and the event to write. Raises UsageError for what cannot be."""
    transition = next(t for t in TRANSITIONS if t.decision is decision.kind)
    if standing.workflow not in transition.start or who not in transition.who:
        moves = ", ".join(offered(standing, who)) or "nothing"
        raise UsageError(
            f"A {who} cannot {decision.kind} a case that is {standing.workflow}; "
            f"possible from here: {moves}."
        )
    _check_particulars(decision, transition, now)
    if transition.guards(standing.workflow, who):
        _check_guard(transition, standing, decision, now)
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
        has_evidence=standing.has_evidence,
    )
    return moved, transition.event


def particulars(before: Standing, after: Standing, decision: Decision) -> dict[str, Any]:
    """What the event says of a decision; what was not said is left out."""
    down_since = decision.down_since
    data = {
        "from": str(before.workflow),
        "to": str(after.workflow),
        "reason_code": decision.reason_code and str(decision.reason_code),
        "note": decision.note,
        "until": utc_text(decision.until) if decision.until else None,
        "on_change": decision.on_change or None,
        "duplicate_of": decision.duplicate_of,
        "rule": decision.rule_id,
        "rule_sha256": decision.rule_sha256,
        "action_id": decision.action_id,
        "down_since": utc_text(down_since) if down_since else None,
    }
    if decision.kind is DecisionKind.ASSIGN:
        data |= {"assignee_from": before.assignee, "assignee_to": after.assignee}
    return {name: value for name, value in data.items() if value is not None}


def wakes(standing: Standing, *, rank_before: int, rank_after: int) -> bool:
    """Whether stronger evidence re-opens the case. Ranks: position of the band in Band.

    Only where a person said so: snoozed until a change, or dismissed as a weak match.
    """
    if rank_after <= rank_before:
        return False
    if standing.workflow is Workflow.SNOOZED:
        return standing.snooze_on_change
    return standing.workflow is Workflow.DISMISSED and standing.reason_code is ReasonCode.WEAK_MATCH


def wakes_on_change(standing: Standing) -> bool:
    """Whether it re-opens the case that what it shows is not what it was.

    What a person keeps in sight, left open, or saw go away: watched, snoozed until a change,
    dismissed as a weak match, resolved.
    """
    if standing.workflow is Workflow.SNOOZED:
        return standing.snooze_on_change
    if standing.workflow is Workflow.DISMISSED:
        return standing.reason_code is ReasonCode.WEAK_MATCH
    return standing.workflow in (Workflow.WATCHING, Workflow.RESOLVED)


def _check_guard(
    transition: Transition, standing: Standing, decision: Decision, now: datetime
) -> None:
    if transition.guard is Guard.REASON and decision.reason_code is None:
        raise UsageError(f"Say why, with one of the reasons {', '.join(ReasonCode)}.")
    if transition.guard is Guard.SENT_ACTION and decision.action_id is None:
        raise UsageError(
            "A case is enforced by sending a notice about it; draft one, approve it and send it."
        )
    if transition.guard is Guard.NOTHING_LEFT and standing.has_evidence:
        others = offered(standing, Who.PERSON)
        raise UsageError(
            f"A case that is {standing.workflow} is closed only when no evidence is left; possible "
            f"from here: {', '.join(others)}."
        )
    if transition.guard is Guard.DOWN_LONG_ENOUGH and (
        decision.down_since is None or now - decision.down_since < decision.down_for
    ):
        since = f"since {utc_text(decision.down_since)}" if decision.down_since else "not at all"
        raise UsageError(
            f"A flow resolves a case that was down for {decision.down_for / _DAY:g} days; this one "
            f"was down {since}."
        )


def _check_particulars(decision: Decision, transition: Transition, now: datetime) -> None:
    if transition.guard is not Guard.REASON and decision.reason_code is not None:
        raise UsageError(f"A reason goes with dismiss, not with {decision.kind}; use a note.")
    if decision.duplicate_of is not None and decision.reason_code is not ReasonCode.DUPLICATE:
        raise UsageError("Another case goes with the reason duplicate; drop it or say duplicate.")
    if decision.rule_id is not None and decision.reason_code is not ReasonCode.LICENSED:
        raise UsageError("An allow rule goes with the reason licensed; drop it or say licensed.")
    if decision.action_id is not None and transition.guard is not Guard.SENT_ACTION:
        raise UsageError(f"An action goes with enforce, not with {decision.kind}.")
    if decision.down_since is not None and transition.guard is not Guard.DOWN_LONG_ENOUGH:
        raise UsageError(f"Since when it is down goes with resolve, not with {decision.kind}.")
    if decision.kind is DecisionKind.SNOOZE:
        if decision.until is None and not decision.on_change:
            raise UsageError(
                "Say until when to snooze the case with --until (2026-01-31, 7d), or with "
                "--on-change until it changes."
            )
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
        check_name(decision.assignee, "name of the person")
    if decision.kind is DecisionKind.NOTE and decision.note is None:
        raise UsageError("The note is empty; say what there is to note.")
    if decision.note is not None:
        check_text(decision.note, "note", MAX_NOTE_CHARACTERS)


def check_name(name: str, what: str) -> None:
    """Raises UsageError for a name that is empty, too long, or shows otherwise than it is."""
    check_text(name, what, MAX_NAME_CHARACTERS)
    steering = next((one for one in name if unicodedata.category(one) in _STEERING), None)
    if steering is not None:
        raise UsageError(
            f"The {what} holds the invisible character U+{ord(steering):04X}; leave it out."
        )


def check_text(text: str, what: str, limit: int) -> None:
    """Raises UsageError for a text of a person that is empty, too long, or no UTF-8."""
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
