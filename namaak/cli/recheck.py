"""`namaak recheck`: whether what was decided about is still there, and what changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App

from namaak.cli.options import Flag, WatchPath, as_json
from namaak.cli.output import emit, say

if TYPE_CHECKING:
    from namaak.casework.checks import Told
    from namaak.casework.followup.reading import Candidate
    from namaak.rechecking import Place

_COLUMNS = ("case_id", "subject", "happened", "says", "changed", "due_at")
_DRY_COLUMNS = ("case_id", "subject", "due_at", "asks")


def register(app: App) -> None:
    """Add the command."""
    app.command(recheck)


def recheck(
    *case_ids: str,
    now: Flag = False,
    dry_run: Flag = False,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per case")] = False,
) -> int:
    """Look again at what was decided about: is it gone, is it back, did it change?

    Looks at confirmed and enforced cases until they are gone, and at watched, weakly matching and
    resolved ones for changes: those that are due, the worst first. A host is down when every place
    of [[vantages]] and this machine saw every address of it that is known gone, twice; with one
    place nothing is ever called down.
    Off unless [follow_up] of the watch file is on, or you name cases. Its owner sees that somebody
    looks.

    Parameters
    ----------
    case_ids
        Cases to look at, due or not, or beginnings of their ids; else those that are due.
    now
        All that are followed, due or not; at most as many as the watch file allows in a run.
    dry_run
        Ask nobody; tell which cases would be looked at, who would be asked, and for which
        addresses.
    """
    from namaak import rechecking
    from namaak.enrolment import enrol
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    places = rechecking.places(settings.watch, os.environ)
    for note in places.notes:
        say(note)
    if not dry_run:
        rechecking.check_is_on(settings, case_ids)
    wanted = rechecking.due_cases(settings, case_ids, now=_now(), at_once=now)
    if dry_run:
        rows = _planned(wanted, places.usable)
        emit(rows, _DRY_COLUMNS, as_json=json, empty="No case is due to be looked at again.")
        return 0
    enrolled = enrol(settings.watch, detectors="", day=_now().date())
    if wanted:
        cases = "1 case" if len(wanted) == 1 else f"{len(wanted):,} cases"
        say(f"Looking at {cases} from {', '.join(place.name for place in places.usable)}.")
    told = rechecking.recheck(
        wanted,
        settings,
        places.usable,
        rechecking.enrichers(settings, enrolled.brands, clock=_now),
        clock=_now,
    )
    rows = _told(told, wanted)
    emit(rows, _COLUMNS, as_json=json, empty="No case is due to be looked at again.")
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _planned(wanted: Sequence[Candidate], usable: Sequence[Place]) -> list[dict[str, Any]]:
    from namaak.rechecking import would_ask

    return [
        {
            "case_id": one.case_id,
            "subject": one.subject,
            "due_at": one.due_at,
            "asks": would_ask(one, usable),
        }
        for one in wanted
    ]


def _told(told: Sequence[Told], wanted: Sequence[Candidate]) -> list[dict[str, Any]]:
    subjects = {one.case_id: one.subject for one in wanted}
    return [
        {
            "case_id": one.case_id,
            "subject": subjects[one.case_id],
            "happened": [str(kind) for kind in one.kinds],
            "says": one.says,
            "changed": list(one.changed),
            "due_at": one.due_at,
            "ended_actions": list(one.ended),
        }
        for one in told
    ]
