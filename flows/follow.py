"""Follow: read on in growing sources as they grow, until somebody stops the run.

The other way to read certificate logs: `gather` catches up by the clock, this one stays. Both use
the same cursors, so that one takes over from the other at any entry. It stores; `detect` and `run`
match what it stored.
"""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow

from flows.progress import tell
from namaak.following import follow as follow_sources
from namaak.following import stopping_on_signals
from namaak.gathering import wanted_sources
from namaak.settings import environment_settings


@flow(name="follow", validate_parameters=False)
def follow(
    watch: str | None = None, sources: list[str] | None = None, hours: float | None = None
) -> dict[str, int]:
    """watch: path of the watch file. sources: only these; all that grow otherwise.

    hours: ends after so long; otherwise when it is cancelled.
    """
    settings = environment_settings(Path(watch) if watch else None)
    wanted = wanted_sources(
        settings.watch, only=sources or (), data=settings.data, environ=os.environ
    )
    stop = threading.Event()
    end = threading.Timer(hours * 3600, stop.set) if hours else None
    if end:
        end.start()
    try:
        with stopping_on_signals(stop):
            followed = follow_sources(
                wanted,
                settings.lake,
                now=lambda: datetime.now(UTC),
                stop=stop,
                tell=lambda label, says: tell("follow", f"{label}: {says}"),
            )
    finally:
        if end:
            end.cancel()
    return {
        "instances": len(followed),
        "rows": sum(one.rows for one in followed),
        "first_seen_rows": sum(one.first_seen_rows for one in followed),
        "stopped": sum(one.stopped is not None for one in followed),
    }


if __name__ == "__main__":
    follow()
