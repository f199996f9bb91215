"""Times as people write them: a date, a time, or a span back from now or ahead.

Pure; the caller passes `now`. May import: namaak.errors.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from namaak.errors import UsageError

_SPAN = re.compile(r"(\d{1,5})([hdw])", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 168}


def moment(text: str, *, now: datetime, ahead: bool = False) -> datetime:
    """Without a zone it is UTC. Raises UsageError.

    >>> moment("7d", now=datetime(2026, 1, 31, tzinfo=UTC)).isoformat()
    '2026-01-24T00:00:00+00:00'
    """
    try:
        if span := _SPAN.fullmatch(text):
            hours = timedelta(hours=int(span[1]) * _HOURS[span[2]])
            return now + hours if ahead else now - hours
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is no time; write a date (2026-01-31), a time, or a span (7d, 12h)."
        ) from None
