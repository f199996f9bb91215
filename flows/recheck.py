"""Recheck: look again at what was decided about, and see to notices that nobody answered.

Nobody is asked unless the watch file's table [follow_up] says so. Idempotent: a round of looking
counts whole or was never there, so that a run that was killed looks only at what it had not
recorded; what nobody answered is counted once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.progress import tell
from namaak.casework.casebook import Casebook
from namaak.casework.checks import Told
from namaak.casework.notices.proposing import (
    as_proposed,
    next_steps,
    not_yet_proposed,
    stuck_cases,
)
from namaak.casework.notices.reading import overdue_actions
from namaak.casework.reading import open_snapshot
from namaak.enrolment import enrol
from namaak.rechecking import due_cases, enrichers, places
from namaak.rechecking import recheck as look_again
from namaak.settings import Settings, environment_settings


def _now() -> datetime:
    return datetime.now(UTC)


@task(name="look-again", cache_policy=NO_CACHE)
def look_at_cases(settings: Settings) -> list[Told]:
    """Look at the cases that are due, the worst first, and record what it comes to."""
    if not settings.watch.follow_up.enabled:
        return []
    found = places(settings.watch, os.environ)
    for note in found.notes:
        tell("recheck", note)
    wanted = due_cases(settings, now=_now())
    if not wanted:
        return []
    tell("recheck", f"{len(wanted):,} cases are due")
    enrolled = enrol(settings.watch, detectors="", day=_now().date())

    def told(some: Sequence[Told]) -> None:
        for one in some:
            for kind in one.kinds:
                tell("recheck", f"{one.case_id} {kind}: {one.says}")

    asked = enrichers(settings, enrolled.brands, clock=_now)
    return look_again(wanted, settings, found.usable, asked, clock=_now, told=told)


@task(name="mark-unanswered", cache_policy=NO_CACHE)
def mark_unanswered(settings: Settings) -> list[str]:
    """Notices that nobody answered in time have no reply from now on; their ids."""
    if not settings.casebook.exists():
        return []
    now = _now()
    with open_snapshot(settings.casebook) as snapshot:
        if not overdue_actions(snapshot, now):
            return []
    with Casebook.writing(working=settings.working_casebook, published=settings.casebook) as book:
        overdue = book.mark_overdue(now=now)
    for action_id in overdue:
        tell("recheck", f"{action_id} was not answered in time")
    return overdue


@task(name="propose-next-steps", cache_policy=NO_CACHE)
def propose_next_steps(settings: Settings) -> int:
    """The next rung for cases whose notices led nowhere, into their history; how many cases."""
    if not settings.casebook.exists():
        return 0
    now = _now()
    with open_snapshot(settings.casebook) as snapshot:
        steps = next_steps(snapshot, stuck_cases(snapshot), watch=settings.watch, now=now)
        added = not_yet_proposed(snapshot, as_proposed(steps))
    if not steps:
        return 0
    if added:
        with Casebook.writing(
            working=settings.working_casebook, published=settings.casebook
        ) as book:
            book.propose(added, now=now)
    cases = {step.case_id for step in steps}
    tell("recheck", f"{len(cases)} cases have a next step; `namaak notice propose` shows it")
    return len(cases)


@flow(name="recheck", validate_parameters=False)
def recheck(watch: str | None = None) -> dict[str, int]:
    """watch: path of the watch file. Returns how many cases were looked at, and what came of it."""
    settings = environment_settings(Path(watch) if watch else None)
    told = look_at_cases(settings)
    happened: dict[str, int] = {
        "looked_at": len(told),
        "unanswered": len(mark_unanswered(settings)),
        "proposed": propose_next_steps(settings),
    }
    for one in told:
        for kind in one.kinds:
            happened[str(kind)] = happened.get(str(kind), 0) + 1
    return happened


if __name__ == "__main__":
    recheck()
