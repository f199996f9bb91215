"""Times as people type them: a date, a time, or a span from now."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from namaak.errors import UsageError


def moment(text: str, *, ahead: bool = False) -> datetime:
    """ahead: a span is from now on, not back from now. Raises UsageError."""
    span = re.fullmatch(r"(\d{1,5})([hdw])", text)
    if span:
        hours = int(span[1]) * {"h": 1, "d": 24, "w": 168}[span[2]]
        return datetime.now(UTC) + timedelta(hours=hours if ahead else -hours)
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no time; write a date (2026-01-31), a time, or a span (7d, 12h)."
        ) from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)
