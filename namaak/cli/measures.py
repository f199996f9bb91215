"""`namaak report` and `alerts`: how the work goes, and who is told of what."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from namaak.cli.options import Flag, WatchPath, as_json
from namaak.cli.output import emit, say
from namaak.errors import UsageError

_COLUMNS = ("interval", "from_what", "to_what", "n", "ended", "open", "left", "share_open",
            "median_hours", "p90_hours")  # fmt: skip


def register(app: App) -> None:
    """Add the commands."""
    app.command(report)
    app.command(alerts)


def report(
    *,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    since: str | None = None,
    until: str | None = None,
    brand: str | None = None,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("that holds everything the page shows")] = False,
) -> int:
    """Tell how long things take, what waits, what notices came to, how often detectors are right.

    Every interval has both its ends, how many there are, the median, the time within which nine in
    ten are over, and how many still run; those count for as long as they have lasted so far.

    Parameters
    ----------
    output
        Write a page with plots into this file; without it the intervals are printed.
    since
        Only what began then or later: a date, a time, or a span back from now (90d, 12w).
    until
        Only what began before then.
    brand
        Only this brand (id or name).
    """
    from dataclasses import asdict

    from namaak import __version__
    from namaak.casework.measures.reading import read_measures
    from namaak.casework.measures.report import render
    from namaak.casework.moments import moment
    from namaak.casework.reading import open_snapshot
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    now = datetime.now(UTC)
    with open_snapshot(settings.casebook) as snapshot:
        measures = read_measures(
            snapshot,
            since=moment(since, now=now) if since else None,
            until=moment(until, now=now) if until else None,
            brand=brand,
        )
    if output is not None:
        organisation = settings.watch.organisation
        page = render(
            measures,
            now=now,
            version=__version__,
            organisation=organisation.name if organisation else None,
        )
        try:
            output.write_text(page, encoding="utf-8")
        except OSError as error:
            raise UsageError(
                f"The report cannot be written to {output} ({error.strerror}); name another file."
            ) from None
        say(f"The report is in {output}.")
    if json:
        whole = asdict(measures)
        del whole["lasting"]
        emit([whole], (), as_json=True, empty="")
    elif output is None:
        rows = [row for row in measures.timings if row["grouping"] == "all"]
        emit(rows, _COLUMNS, as_json=False, empty="Nothing to measure yet.")
    return 0


def alerts(
    *,
    send: Flag = False,
    test: Flag = False,
    watch: WatchPath = None,
    json: Annotated[bool, as_json("per thing to tell")] = False,
) -> int:
    """List what people have to be told of and were not yet; with --send, tell them.

    [alerts] of the watch file says of what, from which band on and when not; the addresses are in
    NAMAAK_ALERT_URLS, one per line or separated by white space, in the form that Apprise takes
    (mailto://..., slack://..., json://...). Each thing is told once.

    Parameters
    ----------
    send
        Tell them now, unless the hours are quiet.
    test
        Send one message that says that it is a test, and nothing else.
    """
    from namaak.alerting import notifier, send_alerts, to_tell
    from namaak.settings import environment_settings

    settings = environment_settings(watch)
    now = datetime.now(UTC)
    if test:
        notifier(os.environ).tell("namaak: a test", "Nothing happened; this address is reached.")
        say("The test was handed over.")
        return 0
    if send:
        sent = send_alerts(settings, notifier(os.environ), now=now)
        say(sent.in_words())
        return 1 if sent.failed else 0
    if not settings.watch.alerts.enabled:
        say(
            "Alerts are off: nobody is told any of this; write enabled = true under [alerts] in "
            "the watch file to have them sent."
        )
    due = to_tell(settings, now=now)
    rows = [
        {"kind": one.kind, "case_id": one.case_id, "summary": one.summary} for one in due.alerts
    ]
    emit(rows, ("kind", "case_id", "summary"), as_json=json, empty="There is nothing to tell.")
    if due.quiet_until:
        say(f"The hours are quiet until {due.quiet_until:%Y-%m-%d %H:%M UTC}.")
    return 0
