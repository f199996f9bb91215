"""What people are told of without asking: which things, in which words, and when not.

One thing is told once: an alert's id is the hash of the event it is about. What happened in quiet
hours is told after them. Cases that came in together are one message. What happens to a case over
and over is one line with a count, once a day: whoever owns a page must not be able to bury the rest
by switching it off and on. Hosts are written so that nobody's chat window makes a link of them.
Pure: rows in, messages out; the caller passes `now`.
May import: namaak.practice.alerts, namaak.errors, namaak.visible.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from namaak.errors import UsageError
from namaak.practice.alerts import Alerts
from namaak.visible import visible

#: Older than this is no news: whoever switches alerts on is not told of years.
HORIZON = timedelta(days=3)
#: After so many failures nobody is told any more; the digest still counts the case.
MOST_ATTEMPTS = 5
#: Lines of one message; the rest is counted.
_MOST_LINES = 10
_LETTERS = 80

_WORDS = {
    "opened": "new",
    "relapsed": "back again",
    "returned": "there again",
    "changed": "changed",
    "down": "down",
    "proposed": "next step due",
    "replied": "answered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that somebody is told of."""

    alert_id: str
    kind: str
    summary: str  #: one line
    case_id: str | None = None
    brand_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What goes out at once: several things that belong together."""

    title: str
    body: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTell:
    """What is due now."""

    messages: tuple[Message, ...] = ()
    quiet_until: datetime | None = None  #: nothing goes out before

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All things of all messages."""
        return tuple(alert for message in self.messages for alert in message.alerts)


def messages_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Rows of events_to_tell as messages: one for each kind, brand and campaign or series."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        key = (str(row["kind"]), str(row["brand_name"]), str(row["together"]))
        groups.setdefault(key, []).append(row)
    return tuple(_message(kind, brand, found) for (kind, brand, _), found in groups.items())


def digest(figures: Sequence[Mapping[str, Any]], *, day: str, since: datetime) -> Message | None:
    """A line for each brand in which something happened or waits. None: there is nothing to say."""
    lines = []
    for row in figures:
        did = [
            f"{row[name]} {word}"
            for name, word in (("opened", "new"), ("confirmed", "confirmed"),
                               ("dismissed", "dismissed"), ("down", "down"),
                               ("resolved", "resolved"), ("relapsed", "back again"))
            if row[name]
        ]  # fmt: skip
        waits = [
            f"{row[name]} {word}"
            for name, word in (("urgent", "high or critical"), ("review", "to review"),
                               ("enforcing", "in enforcement"))
            if row[name]
        ]  # fmt: skip
        if did or waits:
            lines.append(
                f"{visible(str(row['brand_name']))}: {', '.join(did) or 'nothing new'}; "
                f"waiting: {', '.join(waits) or 'nothing'}"
            )
    if not lines:
        return None
    title = f"namaak: {day}"
    body = "\n".join([f"Since {since:%Y-%m-%d %H:%M} UTC", *lines])
    alert = Alert(alert_id=f"digest:{day}", kind="digest", summary=f"{len(lines)} brands")
    return Message(title=title, body=body, alerts=(alert,))


def quiet_until(config: Alerts, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` falls into, UTC; None when it is not quiet.

    Raises UsageError for a time zone that there is not.
    """
    if config.quiet_hours is None:
        return None
    begin, end = (_minutes(part) for part in config.quiet_hours.split("-"))
    local = now.astimezone(zone_of(config))
    at = local.hour * 60 + local.minute
    inside = begin <= at < end if begin <= end else at >= begin or at < end
    if not inside:
        return None
    # By the clock on the wall, as people mean it, also where an hour is put forward meanwhile.
    ends = local.replace(hour=end // 60, minute=end % 60, second=0, microsecond=0)
    return (ends if at < end else ends + timedelta(days=1)).astimezone(UTC)


def digest_day(config: Alerts, now: datetime) -> str | None:
    """The day whose digest is due, once its hour has struck; None where there is none."""
    if config.digest_at is None:
        return None
    local = now.astimezone(zone_of(config))
    return local.date().isoformat() if local.time() >= config.digest_at else None


def day_began(config: Alerts, now: datetime) -> datetime:
    """Midnight by the clock on the wall, UTC: until when back a thing was told today."""
    local = now.astimezone(zone_of(config))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def zone_of(config: Alerts) -> ZoneInfo:
    """Raises UsageError for a time zone that there is not."""
    try:
        return ZoneInfo(config.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"[alerts] time_zone: there is no time zone {config.time_zone!r}; write one as in "
            "Europe/Amsterdam."
        ) from None


def defanged(text: str) -> str:
    """So that no program makes a link of it, on one line and not too long.

    >>> defanged("https://acme-login.example/x")
    'hxxps[:]//acme-login[.]example/x'
    """
    plain = visible(text)
    plain = plain if len(plain) <= _LETTERS else plain[: _LETTERS - 1] + "…"
    return re.sub(r"^http", "hxxp", plain).replace("://", "[:]//").replace(".", "[.]")


def _message(kind: str, brand: str, rows: Sequence[Mapping[str, Any]]) -> Message:
    times = Counter(str(row["case_id"]) for row in rows)
    alerts = tuple(
        Alert(
            alert_id=str(row["hash"]),
            kind=kind,
            summary=f"{_WORDS[kind]}: {row['band']} {row['score']}, "
            f"{defanged(str(row['subject']))}",
            case_id=str(row["case_id"]),
            brand_id=str(row["brand_id"]),
        )
        for row in rows
    )
    # Of one case the last word stands in its line, and each of its events was told with it.
    last = {str(one.case_id): one for one in alerts}
    lines = [
        f"{case_id}  {one.summary}" + (f" ({times[case_id]} times)" if times[case_id] > 1 else "")
        for case_id, one in list(last.items())[:_MOST_LINES]
    ]
    if len(last) > _MOST_LINES:
        lines.append(f"and {len(last) - _MOST_LINES} more")
    cases = "1 case" if len(last) == 1 else f"{len(last)} cases"
    title = f"namaak: {cases} of {visible(brand)} {_WORDS[kind]}"
    return Message(title=title, body="\n".join(lines), alerts=alerts)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
