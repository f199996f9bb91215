"""`namaak doctor`: what is installed, reachable, locked or stale, one line each."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App

from namaak.cli.options import WatchPath, as_json
from namaak.cli.output import emit


def register(app: App) -> None:
    """Add the command."""
    app.command(doctor)


def doctor(*, watch: WatchPath = None, json: Annotated[bool, as_json("per check")] = False) -> int:
    """Look over the installation and the data. Exit code 1 when something is wrong."""
    import os
    from datetime import UTC, datetime

    from namaak.health import examine
    from namaak.settings import watch_file_path

    found = examine(watch_file_path(watch, os.environ), os.environ, now=datetime.now(UTC))
    rows = [{"state": check.state, "what": check.what, "says": check.says} for check in found]
    emit(rows, ("state", "what", "says"), as_json=json, empty="")
    return 1 if any(check.state == "wrong" for check in found) else 0
