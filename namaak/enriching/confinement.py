"""What a process gives away before it touches strangers' bytes.

The child's half of `confined`, which starts it: kept apart, because it must import next to
nothing. Against accidents, and against code that takes the process over as far as the system lets
an account give away its rights: root could take them back. See namaak/decoding/child.py, which does
the same for pictures in processes that serve many.
May import: nothing of ours.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys

_PR_SET_NO_NEW_PRIVS = 38
_PIECE = 1 << 16


def confine(*, memory: int, processor_s: int) -> None:
    """Once everything is imported. memory: bytes beyond what it holds now.

    Afterwards it can read its standard input and write its standard output, and nothing else.
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    # Not for root, whom Linux lets start processes all the same.
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_AS, _address_space() + memory)
    # The hard limit later: it kills without a word, the soft one with a signal that says why.
    _limit(resource.RLIMIT_CPU, processor_s, processor_s + 2)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    # Below those in use: what is open stays so, and nothing can be opened any more.
    _limit(resource.RLIMIT_NOFILE, 0)


def read_all(descriptor: int, most: int) -> bytes:
    """A descriptor to its end, at most that many bytes."""
    parts = bytearray()
    while len(parts) < most and (part := os.read(descriptor, min(_PIECE, most - len(parts)))):
        parts += part
    return bytes(parts)


def _limit(what: int, most: int, hard: int | None = None) -> None:
    at_most = resource.getrlimit(what)[1]
    wanted = [most, most if hard is None else hard]
    if at_most != resource.RLIM_INFINITY:
        wanted = [min(one, at_most) for one in wanted]
    # Some systems know a limit by name and refuse to set it; the others still hold.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(what, (wanted[0], wanted[1]))


def _address_space() -> int:
    """Bytes mapped now; libraries reserve far more than they use."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - pathlib is slow to load
            pages = int(file.read().split()[0])
    except (OSError, ValueError):
        return 1 << 30
    return pages * resource.getpagesize()
