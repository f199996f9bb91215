"""Axis three of a case: which move leads from which state of a takedown action to which.

One table; whatever is not in it cannot happen. That a person approved is a state that nothing
but a person's move reaches: no flow and no program sends what nobody approved.
Pure: no database, no clock. May import: namaak.records, namaak.errors, namaak.casework.lifecycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from namaak.casework.lifecycle import Who
from namaak.errors import UsageError
from namaak.records import ActionState


class ActionMove(StrEnum):
    """What can be done with an action, or happen to it."""

    APPROVE = "approve"
    REVISE = "revise"  #: back to a draft: what was approved is not what will be sent
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    ASK_INFO = "ask-info"
    ANSWER_INFO = "answer-info"
    ACCEPT = "accept"
    DENY = "deny"
    GO_UNANSWERED = "go-unanswered"
    EXECUTE = "execute"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTransition:
    """One row of the table."""

    move: ActionMove
    start: frozenset[ActionState]
    to: ActionState
    who: frozenset[Who] = frozenset({Who.PERSON})


_WAITING = frozenset(
    {ActionState.SENT, ActionState.ACKNOWLEDGED, ActionState.INFO_REQUESTED, ActionState.NO_REPLY}
)
_BOTH = frozenset(Who)

ACTION_TRANSITIONS: tuple[ActionTransition, ...] = (
    ActionTransition(
        move=ActionMove.APPROVE,
        start=frozenset({ActionState.DRAFT}),
        to=ActionState.APPROVED,
    ),
    ActionTransition(
        move=ActionMove.REVISE,
        start=frozenset({ActionState.DRAFT, ActionState.APPROVED}),
        to=ActionState.DRAFT,
    ),
    ActionTransition(
        move=ActionMove.SEND,
        start=frozenset({ActionState.APPROVED}),
        to=ActionState.SENT,
    ),
    ActionTransition(
        move=ActionMove.ACKNOWLEDGE,
        start=frozenset({ActionState.SENT, ActionState.NO_REPLY}),
        to=ActionState.ACKNOWLEDGED,
    ),
    ActionTransition(
        move=ActionMove.ASK_INFO,
        start=_WAITING,
        to=ActionState.INFO_REQUESTED,
    ),
    ActionTransition(
        move=ActionMove.ANSWER_INFO,
        start=frozenset({ActionState.INFO_REQUESTED}),
        to=ActionState.ACKNOWLEDGED,
    ),
    ActionTransition(
        move=ActionMove.ACCEPT,
        start=_WAITING,
        to=ActionState.ACCEPTED,
    ),
    ActionTransition(
        move=ActionMove.DENY,
        start=_WAITING | {ActionState.ACCEPTED},
        to=ActionState.DENIED,
    ),
    ActionTransition(
        move=ActionMove.GO_UNANSWERED,
        start=frozenset({ActionState.SENT, ActionState.ACKNOWLEDGED}),
        to=ActionState.NO_REPLY,
        who=_BOTH,
    ),
    ActionTransition(
        move=ActionMove.EXECUTE,
        start=_WAITING | {ActionState.ACCEPTED},
        to=ActionState.EXECUTED,
        who=_BOTH,
    ),
    ActionTransition(
        move=ActionMove.WITHDRAW,
        start=_WAITING | {ActionState.DRAFT, ActionState.APPROVED, ActionState.ACCEPTED},
        to=ActionState.WITHDRAWN,
    ),
)


def possible_moves(state: ActionState, who: Who) -> tuple[ActionMove, ...]:
    """Which moves there are from here, in the order of the table."""
    return tuple(row.move for row in ACTION_TRANSITIONS if state in row.start and who in row.who)


def in_words(made: ActionMove) -> str:
    """What a person types behind `namaak notice` to make this move.

    >>> in_words(ActionMove.SEND), in_words(ActionMove.GO_UNANSWERED)
    ('send', 'mark --state no-reply')
    """
    if made in _COMMANDS:
        return str(made)
    return f"mark --state {next(row.to for row in ACTION_TRANSITIONS if row.move is made)}"


#: These are commands of their own; the others are told by the state that they lead to.
_COMMANDS = frozenset({ActionMove.APPROVE, ActionMove.REVISE, ActionMove.SEND, ActionMove.WITHDRAW})


def move(state: ActionState, made: ActionMove, *, who: Who) -> ActionState:
    """The state after it. Raises UsageError for what cannot be."""
    row = next(row for row in ACTION_TRANSITIONS if row.move is made)
    if state not in row.start or who not in row.who:
        # Two moves may have one word: what leads there differs by where it starts.
        words = dict.fromkeys(in_words(one) for one in possible_moves(state, who))
        raise UsageError(
            f"A {who} cannot {in_words(made)} an action whose state is {state}; possible from "
            f"here: {', '.join(words) or 'nothing'}."
        )
    return row.to
