"""A command watched from outside: its lines, its CPU seconds, its memory, and its violent end.

The main job is a tree of processes (command line, flow, embedded server); what it costs is the
tree's. Read from /proc, so Linux only. Every process of the tree is in the group that the
command leads, which is also how all of them are killed at once.
May import: nothing of ours.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_POLL_S = 0.1

#: (lines of stderr so far) -> is it time to kill?
When = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command went."""

    returncode: int  #: -9 when it was killed
    killed: bool
    wall_s: float
    cpu_s: float  #: of the whole tree, as last seen of each process
    peak_rss_mb: float  #: the largest sum over the tree at one moment; shared pages count twice
    lines: tuple[str, ...]  #: of stderr, with the seconds since the start before each


@dataclass(frozen=True, slots=True)
class _Seen:
    pid: int
    group: int
    zombie: bool
    cpu_s: float
    rss_bytes: int


def run_watched(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    kill_when: When | None = None,
    tell: Callable[[str], object] = print,
) -> Ran:
    """Run to the end, or kill the whole group with SIGKILL as soon as `kill_when` says so.

    stdout is thrown away; each line of stderr goes to `tell` too. Returns when no process of the
    group is left.
    """
    started = time.monotonic()
    child = subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    lines: list[str] = []
    stamped: list[str] = []

    def read() -> None:
        assert child.stderr is not None
        for line in child.stderr:
            lines.append(line.rstrip("\n"))
            stamped.append(f"{time.monotonic() - started:7.1f} s  {lines[-1]}")
            tell(stamped[-1])

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    cpu_s: dict[int, float] = {}
    peak = 0
    killed = False
    while True:
        members = [one for one in _processes() if one.group == child.pid and not one.zombie]
        cpu_s.update({one.pid: one.cpu_s for one in members})
        peak = max(peak, sum(one.rss_bytes for one in members))
        if child.poll() is not None and not members:
            break
        if kill_when is not None and not killed and kill_when(lines):
            os.killpg(child.pid, signal.SIGKILL)
            killed = True
        time.sleep(_POLL_S)
    reader.join()
    assert child.stderr is not None
    child.stderr.close()
    return Ran(
        returncode=child.returncode,
        killed=killed,
        wall_s=time.monotonic() - started,
        cpu_s=sum(cpu_s.values()),
        peak_rss_mb=peak / 1e6,
        lines=tuple(stamped),
    )


def _processes() -> list[_Seen]:
    """Every process that can be read; one that ends meanwhile is left out."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text(errors="replace")
            except OSError:
                continue
            found.append(parse_stat(text))
    return found


def parse_stat(text: str) -> _Seen:
    """text: /proc/PID/stat, see proc(5). The name stands in brackets and may hold any of them."""
    pid, _, rest = text.partition(" (")
    fields = rest.rpartition(") ")[2].split()
    return _Seen(
        pid=int(pid),
        group=int(fields[2]),
        zombie=fields[0] in ("Z", "X"),
        cpu_s=(int(fields[11]) + int(fields[12])) * _TICK_S,
        rss_bytes=int(fields[21]) * _PAGE,
    )
