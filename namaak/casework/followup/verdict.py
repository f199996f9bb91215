"""What looks from several places at several times mean together: down, back, resolved, or nothing.

Down needs every place of a round, at least two of them, and a second such round some time later:
one place may be shown something else, and one moment may be an outage. What came back before must
stay away for longer. Resolved is what was seen down again and again, with no long hole between.
What nobody could tell is neither down nor up: it ends nothing and counts for nothing. An account is
its platform's to show, so there the platform's word stands for all places. Places may share a
resolver or an address that pages see: they count, and what they say is told with that reservation.
Pure: no database, no clock. May import: namaak.casework.lifecycle and subject_moves,
namaak.casework.followup.views, namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from operator import attrgetter

from namaak.casework.followup.views import PLATFORM, RestsOn, Sight
from namaak.casework.lifecycle import (
    Decision,
    DecisionKind,
    Standing,
    Who,
    decide,
    possible,
    wakes_on_change,
)
from namaak.casework.subject_moves import is_surely_down
from namaak.records import SubjectState, Workflow

#: Between the two rounds that both must see it down: longer than a restart or a short outage.
APART = timedelta(hours=1)
#: What came back must stay away for a day for each time that it did, or a page that is switched on
#: and off would be told of as often as its owner likes.
_APART_AGAIN = timedelta(days=1)
_MOST_AGAIN = 7
#: While it is down it is looked at so often in the days until it counts as resolved, and daily.
_ROUNDS_TO_RESOLVE = 7
_LONGEST_PAUSE = timedelta(days=1)
#: By which a planned round may be late, twice: the flow runs by the hour.
_LATE = 3 * APART
#: Rounds that must have seen it down, however short the time.
LEAST_ROUNDS = 4
#: A page can show one address that it is gone, and itself to everybody else.
ONE_ADDRESS = "page evidence from one address"
SAME_RESOLVERS = "evidence of the DNS from the same resolvers"
#: Nobody knows whether these are gone, too.
NOT_LOOKED_AT = "known addresses that were not looked at"
#: What somebody confirmed may be found gone at the first look; else it must have been there first:
#: a parked name that is watched did not go away.
_CONFIRMED = frozenset({Workflow.CONFIRMED, Workflow.ENFORCING, Workflow.REOPENED})


_STRENGTH = (
    SubjectState.SUSPENDED,
    SubjectState.UNREGISTERED,
    SubjectState.REMOVED,
    SubjectState.LIVE,
    SubjectState.PARKED,
    SubjectState.REGISTERED,
)


class Says(StrEnum):
    """What a round says, all places together."""

    DOWN = "down"
    UP = "up"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Seen:
    """One round, judged."""

    at: datetime
    says: Says
    sights: tuple[Sight, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The part of a case that following may change."""

    standing: Standing
    down_since: datetime | None = None
    relapses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Down:
    """It is down, and here is the evidence from both ends."""

    last_up: Seen | None  #: None: it was never seen up by a check
    first: Seen
    second: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """It stayed down for as long as it takes."""

    first: Seen
    last: Seen
    rounds: int  #: that told, and all of them down
    seen: tuple[Seen, ...]  #: every round from the first to the last, also those that did not tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """It was down, and is there again."""

    down_since: datetime
    seen: Seen
    reopened: bool  #: whether somebody has to decide again; else it is still being worked at


Step = Down | Resolved | Back


def settle(
    followed: Followed, sights: Iterable[Sight], *, resolved_after: timedelta
) -> tuple[Followed, tuple[Step, ...]]:
    """What becomes of a case by all that was seen of it, and by which steps.

    sights: in any order. Called again with what it gave, it finds nothing more to do.
    """
    rounds = rounds_of(sights)
    steps: list[Step] = []
    # Down, resolved, back and down again: more cannot happen within one history without being told.
    for _ in range(4):
        step = _next(followed, rounds, resolved_after)
        if step is None:
            break
        steps.append(step)
        followed = after(followed, step, resolved_after=resolved_after)
    return followed, tuple(steps)


def rounds_of(sights: Iterable[Sight]) -> list[Seen]:
    """Oldest first."""
    ordered = sorted(sights, key=lambda sight: (sight.checked_at, sight.vantage))
    return [
        Seen(at, says(together), together)
        for at, group in groupby(ordered, key=attrgetter("checked_at"))
        for together in [tuple(group)]
    ]


def says(sights: Sequence[Sight]) -> Says:
    """Of one round: one place that sees it is enough for up, none may be missing for down."""
    if any(sight.down is False for sight in sights):
        return Says.UP
    places = {sight.vantage for sight in sights}
    enough = len(places) >= 2 or places == {PLATFORM}
    if enough and all(sight.down for sight in sights):
        return Says.DOWN
    return Says.UNCLEAR


def state_seen(rounds: Sequence[Seen], *, is_down: bool) -> SubjectState | None:
    """Axis two by the last round that told something; None where that is nothing new.

    is_down: whether it counts as down by now. A first round that saw it gone changes nothing yet.
    """
    told = [one for one in rounds if one.says is not Says.UNCLEAR]
    if not told or (told[-1].says is Says.DOWN and not is_down):
        return None
    down = told[-1].says is Says.DOWN
    states = [
        sight.state
        for sight in told[-1].sights
        if sight.down is down and (down or not is_surely_down(sight.state))
    ]
    # The strongest word of a round: a registry's hold says more than a page that is not there.
    return next((state for state in _STRENGTH if state in states), None)


def lacks_a_place(sights: Sequence[Sight]) -> bool:
    """Whether a round would say "down" if only there were a second place that says so."""
    places = {sight.vantage for sight in sights}
    return len(places) == 1 and places != {PLATFORM} and all(sight.down for sight in sights)


def reservation(sights: Sequence[Sight]) -> str | None:
    """What a person should know of a round that says "down": whether its places share their eyes.

    None where they do not, or where two kinds of evidence agree, or the registry says so itself.
    """
    rests_on = {sight.rests_on for sight in sights}
    if says(sights) is not Says.DOWN:
        return None
    if rests_on == {RestsOn.PAGE} and _is_one(sight.pages_by for sight in sights):
        return ONE_ADDRESS
    if rests_on == {RestsOn.NAMES} and _is_one(sight.names_by for sight in sights):
        return SAME_RESOLVERS
    return None


def not_looked_at(sights: Sequence[Sight]) -> str | None:
    """What a person should know of a round that says "down" by pages: whether it left some out."""
    by_pages = any(sight.rests_on is RestsOn.PAGE for sight in sights)
    most = max((sight.left_out for sight in sights), default=0)
    if says(sights) is not Says.DOWN or not by_pages or not most:
        return None
    return f"{NOT_LOOKED_AT}: {most}"


def _is_one(ways: Iterable[str | None]) -> bool:
    found = set(ways)
    return len(found) == 1 and None not in found


def awaits_a_second(followed: Followed, rounds: Sequence[Seen]) -> bool:
    """Whether it looks down since the last round, and one more that says so makes it so."""
    if followed.down_since is not None or not rounds or rounds[-1].says is not Says.DOWN:
        return False
    return followed.standing.workflow in _CONFIRMED or any(one.says is Says.UP for one in rounds)


def reopened(standing: Standing, *, now: datetime) -> Standing:
    """As lifecycle has it."""
    return decide(standing, Decision(kind=DecisionKind.REOPEN), who=Who.FLOW, now=now)[0]


def _next(followed: Followed, rounds: Sequence[Seen], resolved_after: timedelta) -> Step | None:
    since = followed.down_since
    if since is None:
        return _down(followed, rounds)
    later = [one for one in rounds if one.at > since]
    up = next((one for one in later if one.says is Says.UP), None)
    if up is not None:
        return Back(down_since=since, seen=up, reopened=wakes_on_change(followed.standing))
    if DecisionKind.RESOLVE not in possible(followed.standing.workflow, Who.FLOW):
        return None
    return _resolved([one for one in rounds if one.at >= since], resolved_after)


def apart(relapses: int) -> timedelta:
    """Between the two rounds that must see it down, by how often it came back before."""
    return _APART_AGAIN * min(relapses, _MOST_AGAIN) if relapses else APART


def pause_while_down(resolved_after: timedelta) -> timedelta:
    """The longest pause between looks at what is down."""
    return max(min(resolved_after / _ROUNDS_TO_RESOLVE, _LONGEST_PAUSE), APART / 4)


def longest_hole(resolved_after: timedelta) -> timedelta:
    """Between two rounds that saw it down: one planned look may fail, and no more."""
    two_pauses = 2 * pause_while_down(resolved_after) + _LATE
    return max(min(two_pauses, resolved_after / 2), APART)


def _down(followed: Followed, rounds: Sequence[Seen]) -> Down | None:
    ups = [place for place, one in enumerate(rounds) if one.says is Says.UP]
    if not ups and followed.standing.workflow not in _CONFIRMED:
        return None
    later = rounds[ups[-1] + 1 :] if ups else rounds
    downs = [one for one in later if one.says is Says.DOWN]
    needed = apart(followed.relapses)
    second = next((one for one in downs if one.at - downs[0].at >= needed), None)
    if second is None:
        return None
    return Down(last_up=rounds[ups[-1]] if ups else None, first=downs[0], second=second)


def _resolved(rounds: Sequence[Seen], resolved_after: timedelta) -> Resolved | None:
    """rounds: since it is down; none of them saw it up.

    Over a long hole nobody knows what it was: the days count from behind it. And where more rounds
    could not tell than told, too little was seen of the days between.
    """
    hole = longest_hole(resolved_after)
    #: Of the unbroken run: the round, and how many before it told and how many could not.
    run: list[tuple[Seen, int, int]] = []
    unclear = 0
    for one in rounds:
        if one.says is not Says.DOWN:
            unclear += 1
            continue
        if run and one.at - run[-1][0].at > hole:
            run, unclear = [], 0
        run.append((one, len(run), unclear))
        for first, told, silent in run:
            if one.at - first.at < resolved_after:
                break
            downs = len(run) - told
            if downs >= LEAST_ROUNDS and downs > unclear - silent:
                seen = tuple(by for by in rounds if first.at <= by.at <= one.at)
                return Resolved(first=first, last=one, rounds=downs, seen=seen)
    return None


def after(followed: Followed, step: Step, *, resolved_after: timedelta) -> Followed:
    """Where a case stands behind one step."""
    if isinstance(step, Down):
        return replace(followed, down_since=step.first.at)
    if isinstance(step, Resolved):
        decision = Decision(
            kind=DecisionKind.RESOLVE, down_since=step.first.at, down_for=resolved_after
        )
        standing, _ = decide(followed.standing, decision, who=Who.FLOW, now=step.last.at)
        return replace(followed, standing=standing)
    return Followed(
        standing=(
            reopened(followed.standing, now=step.seen.at) if step.reopened else followed.standing
        ),
        down_since=None,
        relapses=followed.relapses + 1,
    )
