"""When to ask again: what the host said, or else longer and longer pauses drawn by chance.

Pure: clock and chance are given. May import: nothing of ours.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_FIRST_S = 0.5
_LONGEST_S = 30.0
#: More digits than this are no number of seconds that anybody could mean.
_MAX_DIGITS = 10


def backoff_s(attempt: int, chance: float) -> float:
    """Exponential, with full jitter: many clients that failed together come back apart.

    attempt: 0 after the first failure. chance: 0 <= chance < 1.

    >>> [backoff_s(attempt, 1.0) for attempt in (0, 1, 2, 9, 4000)]
    [0.5, 1.0, 2.0, 30.0, 30.0]
    """
    return chance * min(_LONGEST_S, _FIRST_S * 2.0 ** min(attempt, 32))


def retry_after_s(value: str | None, *, date: str | None, now: datetime) -> float | None:
    """Seconds that Retry-After asks for, in either form of RFC 9110; None where it says nothing.

    date: the Date header of the same answer. A point in time is meant on the clock of the
    server, which need not be ours.

    >>> now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    >>> retry_after_s("120", date=None, now=now)
    120.0
    >>> sent, at = "Sun, 22 Nov 2026 11:00:00 GMT", "Sun, 22 Nov 2026 11:00:30 GMT"
    >>> retry_after_s(at, date=sent, now=now)
    30.0
    """
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) <= _MAX_DIGITS else float(10**_MAX_DIGITS)
    at = http_date(value)
    if at is None:
        return None
    server_now = http_date(date)
    return max(0.0, (at - (server_now or now)).total_seconds())


def http_date(text: str | None) -> datetime | None:
    """A date of a header field; None where there is none or it is none."""
    if not text:
        return None
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
