"""Axis two of a case: which observation moves the thing itself from which state to which.

One row for each state that a thing may be in: who can tell it, whether it counts as down, and what
is left to fear. Anything may follow anything, because the world does not ask: what cannot be is
that something is told by who cannot know it. Unknown is not absent, and one view from one place is
never "down": pages are shown to some and not to others.
Pure: no database, no clock. May import: namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from namaak.records import SubjectState

#: Fewer places see one view of a page, and a page may be made for that view.
LEAST_VANTAGES = 2
#: So many rounds of checks in a row: a server that restarts is not down.
LEAST_ROUNDS = 2


class Sight(StrEnum):
    """Who tells in which state a thing is."""

    LOOK = "look"  #: one look at a host from one place
    CHECK = "check"  #: a round of checks, from every vantage
    PLATFORM = "platform"  #: the platform of an account or app, or the operator's own list


class Down(StrEnum):
    """Whether a state counts as down."""

    YES = "yes"
    NO = "no"
    NO_MAIL = "without mail"  #: only where the name takes no mail
    EVERYWHERE = "everywhere"  #: only where every vantage says the same
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
        down=Down.UNSAID,
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
        down=Down.NO,
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
        down=Down.EVERYWHERE,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one vantage saw in one round of checks."""

    vantage: str
    state: SubjectState
    takes_mail: bool | None = None  #: the name has mail servers; None: nobody said


def counts_as_down(view: View) -> bool | None:
    """Whether this view is one of something down; None where it says nothing about that."""
    down = _ROWS[view.state].down
    if down is Down.UNSAID:
        return None
    if down is Down.NO_MAIL:
        return None if view.takes_mail is None else not view.takes_mail
    return down is not Down.NO


def is_round_down(views: Iterable[View]) -> bool | None:
    """Whether a round of checks saw it down: every vantage, and not fewer than two.

    False as soon as one sees it up; None where too few say anything, which is no step towards
    down and none away from it.
    """
    told = tuple(views)
    seen = [counts_as_down(view) for view in told]
    if any(one is False for one in seen):
        return False
    sure = {view.vantage for view, one in zip(told, seen, strict=True) if one}
    return True if None not in seen and len(sure) >= LEAST_VANTAGES else None


def is_down(rounds: Sequence[bool | None]) -> bool:
    """Whether it is down after these rounds, the latest last: two in a row that say something."""
    said = [one for one in rounds if one is not None]
    return len(said) >= LEAST_ROUNDS and all(said[-LEAST_ROUNDS:])


def is_harmless(view: View) -> bool:
    """Whether nothing is left to fear of it for now: down for sure, mail and all."""
    return counts_as_down(view) is True and view.state is not SubjectState.UNREACHABLE
