"""Serial numbers of zones: which of two is the later, and on what day it was given.

Pure. May import: nothing of ours.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_HALF = 1 << 31
#: 2001 to 2033: as dates written in digits these seconds would be years before 2000.
_SECONDS = range(1_000_000_000, 2_000_000_000)


def moved(old: int, new: int) -> bool:
    """Whether `new` is later than `old` (RFC 1982, section 3.2; undefined counts as no).

    >>> moved(2026112200, 2026112201), moved(5, 5), moved(7, 5), moved(2**32 - 1, 0)
    (True, False, False, True)
    """
    return 0 < (new - old) % (1 << 32) < _HALF


def given_at(serial: int) -> datetime | None:
    """The day, or the second, that a serial names by custom; None where it names none.

    >>> given_at(2026112201), given_at(7)
    (datetime.datetime(2026, 11, 22, 0, 0, tzinfo=datetime.timezone.utc), None)
    >>> given_at(1763769600).isoformat()
    '2025-11-22T00:00:00+00:00'
    """
    if serial in _SECONDS:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=serial)
    digits = str(serial)
    if len(digits) != 10:
        return None
    try:
        when = datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:8]), tzinfo=UTC)
    except ValueError:
        return None
    return when if when.year >= 2000 else None
