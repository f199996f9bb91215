"""How much memory a process holds together with all that it started, and the end of them all.

A browser is many processes, some in groups of their own, so they are found by their parents. What
they share of their program's files is not counted: each of them would seem to hold all of it.
May import: nothing of ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from pathlib import Path

_HELD = re.compile(r"^Rss(?:Anon|Shmem):\s+([0-9]+) kB$", re.MULTILINE)
_PROC = Path("/proc")
_EVERY_S = 0.2


def held_bytes(pid: int) -> int:
    """Of a process and all below it; 0 where this system does not tell."""
    total = 0
    for one in _family(pid):
        with contextlib.suppress(OSError):
            status = (_PROC / str(one) / "status").read_text("utf-8", "replace")
            total += sum(1024 * int(found[1]) for found in _HELD.finditer(status))
    return total


def end_all(pid: int) -> None:
    """Kill a process and all below it, the youngest too, though it be no child of its group."""
    for one in _family(pid):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(one, signal.SIGKILL)


async def end_when_over(pid: int, most: int) -> None:
    """Ends when it has ended a process and all below it, because they held too much memory."""
    while held_bytes(pid) <= most:
        await asyncio.sleep(_EVERY_S)
    end_all(pid)


def _family(pid: int) -> list[int]:
    """It first, then its children, then theirs."""
    below: dict[int, list[int]] = {}
    with contextlib.suppress(OSError):
        for folder in _PROC.iterdir():
            if folder.name.isdecimal():
                with contextlib.suppress(OSError, IndexError):
                    # After the program's name, which may hold anything, in brackets.
                    stat = (folder / "stat").read_bytes().rpartition(b") ")[2]
                    below.setdefault(int(stat.split()[1]), []).append(int(folder.name))
    family = [pid]
    for one in family:
        family += below.get(one, ())
    return family
