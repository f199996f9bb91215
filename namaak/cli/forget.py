"""`namaak forget`: profiles of bystanders leave the lake."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from namaak.cli.output import emit, say

_COLUMNS = ("batches", "rows", "pictures", "waiting", "unmatched")


def register(app: App) -> None:
    """Add the command."""
    app.command(forget)


def forget(
    *,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    watch: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Take profiles out of the lake that resemble no brand and are older than the file allows.

    `namaak run` does the same at its end; the number of days is bystanders_days of [retention].
    What resembled a brand stays, as evidence. A profile that the platform shows unchanged to this
    day waits, so that a new brand can be matched with it.

    Parameters
    ----------
    dry_run
        Count only; nothing is taken out.
    watch
        The watch file; else NAMAAK_WATCH, else ./watch.toml.
    json
        One JSON object: batches looked at, rows and pictures gone, rows and batches that wait.
    """
    from namaak.forgetting import forget_due
    from namaak.lake import Lake
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    days = settings.watch.retention.bystanders_days
    done = forget_due(settings, now=datetime.now(UTC), dry_run=dry_run)
    with Lake(settings.lake) as lake:
        gone, _ = lake.forgotten()
    row = {name: getattr(done, name) for name in _COLUMNS}
    emit([row], _COLUMNS, as_json=json, empty="")
    if dry_run:
        say(f"Nothing was taken out: that is what would go after {days} days.")
    else:
        say(f"{gone:,} rows of bystanders left this lake in all; hashes of their names remain.")
    return 0
