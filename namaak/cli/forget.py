"""`namaak forget`: what is kept no longer than the watch file allows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App

from namaak.cli.options import Flag, WatchPath, actor_that, as_json
from namaak.cli.output import emit, say

_COLUMNS = ("class", "items", "bytes", "held", "waiting", "oldest_at", "rule")


def register(app: App) -> None:
    """Add the command."""
    app.command(forget)


def forget(
    *,
    dry_run: Flag = False,
    actor: Annotated[str | None, actor_that("says so")] = None,
    watch: WatchPath = None,
    json: Annotated[
        bool, as_json("per class: items and bytes that went, items that a hold keeps or that wait")
    ] = False,
) -> int:
    """Delete what is older than [retention] of the watch file allows, class by class.

    Profiles that resemble no brand, answers of servers as they came, captures and notices of cases
    that are long over. `namaak run` does the same at its end. What a legal hold is on stays
    (`namaak hold`), and so does the history of cases. The log says that something was deleted, how
    much and from when, never what it was. A profile that the platform shows unchanged to this day
    waits, so that a new brand can be matched with it.

    Parameters
    ----------
    dry_run
        Count only; nothing is deleted.
    """
    from namaak.cli.acting import acting_person
    from namaak.forgetting import forget_due
    from namaak.lake import Lake
    from namaak.retaining import delete_due, due_now
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    now = datetime.now(UTC)
    days = settings.watch.retention.bystanders_days
    done = forget_due(settings, now=now, dry_run=dry_run)
    if dry_run:
        due = due_now(settings, now=now)
    else:
        due = delete_due(settings, actor=acting_person(actor), now=now)
    with Lake(settings.lake) as lake:
        gone, _ = lake.forgotten()
    bystanders = {
        "class": "bystanders",
        "items": done.rows,
        "waiting": done.waiting,
        "rule": f"{days} days after they were gathered, where they resemble no brand",
        "batches": done.batches,
        "pictures": done.pictures,
        "unmatched": done.unmatched,
    }
    rows = [bystanders, *(one.row() for one in due)]
    whole = dict.fromkeys(_COLUMNS)
    emit([{**whole, **row} for row in rows], _COLUMNS, as_json=json, empty="")
    if dry_run:
        say("Nothing was deleted: that is what would go.")
    else:
        say(f"{gone:,} rows of bystanders left this lake in all; hashes of their names remain.")
    return 0
