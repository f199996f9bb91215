"""Whether this machine's clock follows others: a time in evidence is worth what its clock is.

The kernel says so itself (adjtimex(2), read only). May import: nothing of ours.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


class _Timex(ctypes.Structure):
    """The beginning of struct timex; the kernel writes further."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 512),
    )


def clock_facts() -> dict[str, Any]:
    """source; synchronised: True, False, or None where the system does not tell; its own bounds.

    In a container it is the clock of the machine below.
    """
    facts: dict[str, Any] = {"source": "system clock, UTC", "synchronised": None}
    if sys.platform != "linux":
        return facts
    asked = _Timex()
    state = ctypes.CDLL(None).adjtimex(ctypes.byref(asked))
    if state < 0:
        return facts
    facts["synchronised"] = state != _TIME_ERROR and not asked.status & _STA_UNSYNC
    if facts["synchronised"]:
        facts["largest_error_microseconds"] = int(asked.maxerror)
    return facts
