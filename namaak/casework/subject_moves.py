"""Axis two of a case: which observation moves the thing itself from which state to which.

One row for each state that a thing may be in: who can tell it, whether it may count as down, and
what is left to fear. Anything may follow anything, because the world does not ask: what cannot be
is that something is told by who cannot know it. How views of several places and times come to
"down" is for namaak.casework.followup.verdict; no view of a state that cannot be down goes into it.
Pure: no database, no clock. May import: namaak.records.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from namaak.records import SubjectState


class Sight(StrEnum):
    """Who tells in which state a thing is."""

    LOOK = "look"  #: one look at a host from one place
    CHECK = "check"  #: a round of checks, from every vantage
    PLATFORM = "platform"  #: the platform of an account or app, or the operator's own list


class Down(StrEnum):
    """Whether a view of that state may count as down."""

    YES = "yes"
    NO = "no"
    NO_MAIL = "without mail"  #: only where the name takes no mail
    NO_NAME = "without name"  #: only where the DNS has no such name, or neither address nor mail
    UNSAID = "nobody knows"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """One row of the table."""

    state: SubjectState
    told_by: frozenset[Sight]
    down: Down
    means: str


_HOSTS = frozenset({Sight.LOOK, Sight.CHECK})
_ALL = frozenset(Sight)

SUBJECT_STATES: tuple[StateRow, ...] = (
    StateRow(
        state=SubjectState.UNKNOWN,
        # It was gone, shows new things, and the platform does not say how it stands.
        told_by=frozenset({Sight.PLATFORM}),
        # That a name is gone can be seen where its registry does not say why.
        down=Down.NO_NAME,
        means="nobody looked, or nobody answered: what is known stays, and nothing is absent",
    ),
    StateRow(
        state=SubjectState.UNREGISTERED,
        told_by=_HOSTS,
        down=Down.YES,
        means="the registry knows no such name",
    ),
    StateRow(
        state=SubjectState.REGISTERED,
        told_by=_HOSTS,
        down=Down.NO_NAME,
        means="the name is somebody's, and shows no page yet",
    ),
    StateRow(
        state=SubjectState.PARKED,
        told_by=_HOSTS,
        # A name that takes mail can ask for passwords without any page.
        down=Down.NO_MAIL,
        means="a page of the registrar's or of a dealer in names; with mail it is not harmless",
    ),
    StateRow(
        state=SubjectState.LIVE,
        told_by=_ALL,
        down=Down.NO,
        means="it shows something of its own",
    ),
    StateRow(
        state=SubjectState.BLOCKED_VIEW,
        told_by=_HOSTS,
        down=Down.UNSAID,
        means="it shows us something else than others, or a riddle first",
    ),
    StateRow(
        state=SubjectState.UNREACHABLE,
        told_by=_HOSTS,
        # Whoever wants to be overlooked is silent to whoever looks.
        down=Down.UNSAID,
        means="the name leads somewhere, and nobody answers there",
    ),
    StateRow(
        state=SubjectState.REMOVED,
        told_by=frozenset({Sight.CHECK, Sight.PLATFORM}),
        down=Down.YES,
        means="its platform or host says that it is gone",
    ),
    StateRow(
        state=SubjectState.SUSPENDED,
        told_by=_ALL,
        down=Down.YES,
        means="its platform, host or registry has switched it off",
    ),
    StateRow(
        state=SubjectState.TRANSFERRED,
        # That a name is the brand's own now is on no page; nor can a page tell that it is not.
        told_by=frozenset(),
        down=Down.YES,
        means="it is the brand's own now; no look says so, and none undoes it",
    ),
)
_ROWS = {row.state: row for row in SUBJECT_STATES}


def moves(state: SubjectState, to: SubjectState, sight: Sight) -> bool:
    """Whether what is seen replaces what is known; to see the same again replaces nothing."""
    return state is not to and state is not SubjectState.TRANSFERRED and sight in _ROWS[to].told_by


def may_be_down(state: SubjectState) -> bool:
    """Whether there are views of this state that count as down."""
    return _ROWS[state].down not in (Down.NO, Down.UNSAID)


def is_surely_down(state: SubjectState) -> bool:
    """Whether every view of this state counts as down."""
    return _ROWS[state].down is Down.YES
