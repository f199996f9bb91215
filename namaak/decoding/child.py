"""What runs in a decoding process: reads a file, decodes it, answers, until nobody asks.

Started by `workers` as a fresh interpreter with nothing open but its pipes. Before the first
picture it gives away what it could do harm with: opening files or sockets, writing, starting
processes, memory and processor time without end. That holds against accidents, and against code
that took this process over as far as the system lets an account give away its rights: run as root
it could take them back, and what needs no descriptor (making an empty folder, signals to processes
of the same account) stays possible. There is no signal at the parent's death on
purpose: Linux ties that to the thread that started the process, and Prefect's threads end while
their process goes on; the closed pipe ends this one, or its processor time does.
May import: detectors.images.decoding, namaak.decoding.wire.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from pathlib import Path

from detectors.images.decoding import MAX_BYTES, decode, load_decoders
from namaak.decoding import wire

#: Bytes beyond what the interpreter needs: a picture of 25 megapixels, unpacked, thrice.
MEMORY = 1_000_000_000
#: Seconds of processor time for one picture. The parent's clock is the stricter one.
PROCESSOR_S = 15
_PR_SET_NO_NEW_PRIVS = 38


def serve() -> None:
    """Never returns before the parent closes the pipe of requests."""
    load_decoders()
    requests, answers = 0, os.dup(1)
    # A library that prints must not speak into the answers.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)
    _give_away_rights(highest=max(requests, answers))
    os.write(answers, wire.READY)
    os.dup2(nothing, 2)
    os.close(nothing)
    # Below none: what is open stays so, and closing one makes no room for another.
    _limit(resource.RLIMIT_NOFILE, 0)
    while prefix := _read(requests, wire.REQUEST.size):
        (length,) = wire.REQUEST.unpack(prefix)
        data = _read(requests, min(length, MAX_BYTES + 1))
        if len(data) != length:
            return
        _more_processor_time()
        for part in wire.pack(decode(bytes(data))):
            _write(answers, part)


def _give_away_rights(highest: int) -> None:
    """highest: the highest descriptor that stays in use."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, highest + 1)
    # Not for root, whom Linux lets start processes all the same.
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_AS, _address_space() + MEMORY)
    _more_processor_time()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    # Some systems know a limit by name and refuse to set it; the others still hold.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(what, (most, most))


def _address_space() -> int:
    """Bytes mapped now; libraries reserve far more than they use."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError):
        return MEMORY
    return pages * resource.getpagesize()


def _more_processor_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + PROCESSOR_S
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _read(descriptor: int, length: int) -> bytearray:
    """Up to length bytes; fewer at the end of the pipe."""
    data = bytearray()
    while len(data) < length:
        part = os.read(descriptor, min(length - len(data), 1 << 20))
        if not part:
            break
        data += part
    return data


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
