"""When a case is looked at again: soon while something happens, ever more rarely while it is quiet.

The pause is a quarter of the time that it has been quiet, between the first and the slowest that
the watch file gives. What was found down is looked at more often until it counts as resolved: a
run of days has to be seen.
Pure: no clock. May import: namaak.casework.lifecycle, namaak.casework.followup.verdict,
namaak.records.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from namaak.casework.followup.verdict import APART, pause_while_down
from namaak.casework.lifecycle import DecisionKind, Who, possible
from namaak.records import Workflow

#: Of the time it has been quiet.
_SHARE = 4
#: What nobody works at is looked at so many times more rarely at first.
_SLOWER = 4
#: Of a run's budget, the part that goes to those that wait longest, however harmless.
_FOR_THE_WAITING = 5
_WORKED_AT = frozenset({Workflow.CONFIRMED, Workflow.ENFORCING, Workflow.REOPENED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What the watch file says of it."""

    first: timedelta
    slowest: timedelta
    resolved_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When the next check is due, and by which pause."""

    due_at: datetime
    interval: timedelta
    resolves_at: datetime | None = None


class Waiting(Protocol):
    """A case that may be due."""

    @property
    def due_at(self) -> datetime | None:
        """None: it was never checked."""


_Waiting = TypeVar("_Waiting", bound=Waiting)


def next_check(
    pace: Pace,
    *,
    workflow: Workflow,
    quiet_since: datetime,
    down_since: datetime | None,
    unconfirmed: bool,
    now: datetime,
    apart_by: timedelta = APART,
) -> Plan:
    """unconfirmed: the last round said down, and one `apart_by` later has to say so too."""
    first = pace.first if workflow in _WORKED_AT else pace.first * _SLOWER
    interval = max(min(first, pace.slowest), min((now - quiet_since) / _SHARE, pace.slowest))
    resolves_at = None
    if down_since is not None and DecisionKind.RESOLVE in possible(workflow, Who.FLOW):
        resolves_at = down_since + pace.resolved_after
        interval = min(interval, pause_while_down(pace.resolved_after))
        if resolves_at > now:
            interval = min(interval, resolves_at - now)
    elif unconfirmed:
        interval = min(interval, apart_by)
    # Whole seconds, and never none: what is stored is what was meant.
    interval = max(timedelta(seconds=round(interval.total_seconds())), timedelta(seconds=1))
    return Plan(due_at=now + interval, interval=interval, resolves_at=resolves_at)


def stirred(
    due_at: datetime | None,
    *,
    planned_at: datetime | None,
    stirred_at: datetime | None,
    first: timedelta,
) -> datetime | None:
    """When it is due after all, where a notice went out or a person decided since it was planned.

    None: at once.
    """
    if due_at is None or planned_at is None:
        return None
    if stirred_at is None or stirred_at <= planned_at:
        return due_at
    return min(due_at, stirred_at + first)


def due_now(waiting: Iterable[_Waiting], *, now: datetime, at_most: int) -> list[_Waiting]:
    """Whom to look at now, in order. waiting: the worst first.

    A fifth of the budget goes to those that wait longest, so that no flood of worse ones keeps a
    case from ever being looked at.
    """
    due = [one for one in waiting if one.due_at is None or one.due_at <= now]
    if len(due) <= at_most:
        return due
    kept = at_most - at_most // _FOR_THE_WAITING
    rest = sorted(range(kept, len(due)), key=lambda place: _since(due[place], now))
    chosen = [*range(kept), *sorted(rest[: at_most - kept])]
    return [due[place] for place in chosen]


def _since(one: Waiting, now: datetime) -> tuple[bool, datetime]:
    """Those that wait for a known time first, the longest first; then what was never checked."""
    return (one.due_at is None, one.due_at or now)
