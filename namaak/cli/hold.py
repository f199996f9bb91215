"""`namaak hold`: nothing of a case is deleted until somebody releases it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App

from namaak.cli.acting import acting_person
from namaak.cli.cases_now import cases_now
from namaak.cli.options import Flag, WatchPath, actor_that, as_json
from namaak.cli.output import say
from namaak.cli.writing import writing
from namaak.errors import UsageError


def register(app: App) -> None:
    """Add the command."""
    app.command(hold)


def hold(
    *case_ids: str,
    reason: str,
    release: Flag = False,
    actor: Annotated[str | None, actor_that("does")] = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per case")] = False,
) -> int:
    """Put cases under legal hold: nothing of them is deleted, whatever the rules of retention say.

    Parameters
    ----------
    case_ids
        One case or more; all are held, or none.
    reason
        Why: the matter, the court, who asked.
    release
        End the hold instead.
    """
    from namaak.settings import environment_settings

    if not case_ids:
        raise UsageError("Name at least one case.")
    settings = environment_settings(watch)
    who, now = acting_person(actor), datetime.now(UTC)
    with writing(settings) as book:
        change = book.release if release else book.hold
        done = change(case_ids, reason=reason, actor=who, now=now)
    cases = "1 case is" if len(done) == 1 else f"{len(done)} cases are"
    if release:
        say(f"{cases} released; what [retention] says holds again.")
    else:
        say(f"{cases} under legal hold: nothing of it is deleted until --release.")
    return cases_now(settings.casebook, done, json, empty="")
