"""When an answer is old: how long each aspect is good for, and when no answer is asked again.

Registrations change rarely and their servers are small; pages of phishing kits change within
hours. Reasons per line; nothing here is a promise of any server's.
Pure. May import: namaak.enriching.findings.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from namaak.enriching.findings import Aspect, Outcome

_GOOD_FOR = {
    Aspect.DNS: timedelta(days=1),
    # Two requests a name to servers that publish no limits: a week, as everybody's cache does.
    Aspect.RDAP: timedelta(days=7),
    Aspect.NETWORK: timedelta(days=7),
    Aspect.CERTIFICATE: timedelta(days=7),
    Aspect.PAGE: timedelta(days=1),
    Aspect.SCREENSHOT: timedelta(days=7),
}
#: Not answered, and likely to pass: never sooner than one page a host and hour allows.
_PASSING = timedelta(hours=2)
#: Refused by whoever was asked: 403 of an RDAP server lasts long.
_REFUSED = timedelta(days=3)


def due_after(aspect: Aspect, outcome: Outcome, asked_at: datetime) -> datetime | None:
    """When to ask again; None: only when somebody asks, since asking changes nothing."""
    match outcome:
        case Outcome.TIMEOUT | Outcome.UNREACHABLE | Outcome.BROKEN | Outcome.MALFORMED:
            return asked_at + _PASSING
        case Outcome.THROTTLED | Outcome.NO_ADDRESS:
            return asked_at + timedelta(days=1)
        case Outcome.REFUSED:
            return asked_at + _REFUSED
        case Outcome.NO_BROWSER | Outcome.POLICY:
            return None
    return asked_at + _GOOD_FOR[aspect]
