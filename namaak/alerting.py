"""Telling people what cannot wait, through whatever Apprise reaches: mail, chat, telephones.

The addresses hold passwords, so they come from the environment and are never written down or said.
Each message is handed over, then written down: killed between the two, it goes out once more, which
is better than not at all.
May import: namaak.casework, namaak.errors, namaak.settings, namaak.sqlfiles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import duckdb

from namaak.casework.alerts import (
    HORIZON,
    MOST_ATTEMPTS,
    ToTell,
    day_began,
    digest,
    digest_day,
    messages_of,
    quiet_until,
)
from namaak.casework.casebook import Casebook
from namaak.casework.reading import open_snapshot, read_rows
from namaak.errors import UsageError
from namaak.settings import Settings
from namaak.sqlfiles import statement

ADDRESSES = "NAMAAK_ALERT_URLS"
_DAY = timedelta(days=1)


class Notifier(Protocol):
    """Whatever passes messages on."""

    def tell(self, title: str, body: str) -> bool:
        """Hand over to every address; whether all took it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of telling."""

    told: int = 0
    failed: int = 0
    quiet: datetime | None = None

    def in_words(self) -> str:
        """For the person waiting."""
        if self.quiet:
            return f"The hours are quiet until {self.quiet:%Y-%m-%d %H:%M UTC}; nothing was sent."
        says = f"{self.told} messages were handed over"
        if self.failed:
            says += f"; {self.failed} were not taken everywhere and are tried again"
        return says + "."


class AppriseNotifier:
    """Apprise with the addresses of the environment."""

    def __init__(self, addresses: str) -> None:
        """Raises UsageError for an address that Apprise does not know; it is never quoted."""
        import apprise

        self._apprise = apprise.Apprise()
        for number, address in enumerate(addresses.split(), start=1):
            if not self._apprise.add(address):
                raise UsageError(
                    f"Address {number} of {ADDRESSES} is none that Apprise knows; mend it (it is "
                    "not shown here because it may hold a password)."
                )

    def tell(self, title: str, body: str) -> bool:
        """Hand over to every address; whether all took it."""
        import apprise

        taken = self._apprise.notify(
            title=title, body=body, body_format=apprise.NotifyFormat.TEXT, interpret_escapes=False
        )
        return bool(taken)


def notifier(environ: Mapping[str, str]) -> AppriseNotifier:
    """environ: of the edge that tells. Raises UsageError where no address is given."""
    addresses = environ.get(ADDRESSES, "").strip()
    if not addresses:
        raise UsageError(
            f"Nobody can be told: set {ADDRESSES} to one or more addresses as Apprise takes them, "
            "as in mailtos://user:password@mail.example."
        )
    return AppriseNotifier(addresses)


def to_tell(settings: Settings, *, now: datetime) -> ToTell:
    """What is due by [alerts] of the watch file. Raises CasebookError, UsageError."""
    config = settings.watch.alerts
    with open_snapshot(settings.casebook) as snapshot:
        bound = {
            "since": now - HORIZON,
            "band": config.from_band,
            "attempts": MOST_ATTEMPTS,
            "day_began": day_began(config, now),
        }
        rows = read_rows(snapshot, statement("casebook/events_to_tell"), bound)
        messages = list(messages_of(rows))
        day = digest_day(config, now)
        if day and not _was_told(snapshot, f"digest:{day}"):
            since = now - _DAY
            figures: list[dict[str, Any]] = list(
                read_rows(snapshot, statement("casebook/digest_figures"), {"since": since})
            )
            daily = digest(figures, day=day, since=since)
            messages += [daily] if daily else []
    return ToTell(messages=tuple(messages), quiet_until=quiet_until(config, now))


def send_alerts(settings: Settings, told: Notifier, *, now: datetime) -> Sent:
    """Tell what is due, unless it is quiet. Raises UsageError where [alerts] is off."""
    if not settings.watch.alerts.enabled:
        raise UsageError("[alerts] of the watch file is off; write enabled = true there.")
    due = to_tell(settings, now=now)
    if due.quiet_until:
        return Sent(quiet=due.quiet_until)
    told_to = failed = 0
    for message in due.messages:
        taken = told.tell(message.title, message.body)
        told_to, failed = told_to + taken, failed + (not taken)
        # One by one: what is written down is not said again, whatever becomes of the next.
        with Casebook.writing(
            working=settings.working_casebook, published=settings.casebook
        ) as book:
            failure = None if taken else "an address did not take it"
            book.record_alerts(message.alerts, now=now, failure=failure)
    return Sent(told=told_to, failed=failed)


def _was_told(con: duckdb.DuckDBPyConnection, alert_id: str) -> bool:
    return con.execute(statement("casebook/was_told"), [alert_id]).fetchone() is not None
