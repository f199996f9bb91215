"""What every benchmark says in the same words: wall and CPU seconds, peak memory, JSON lines.

CPU seconds stand beside wall because the cores are often shared with others. Peak memory is
the kernel's own high-water mark of the process, so it only ever grows: a line's figure covers
everything that the process did before it, too.
May import: nothing of ours.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Spent:
    """What a stretch of work took; filled when the stretch ends."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_rss_mb: float = 0.0

    def per_cpu_s(self, amount: float) -> int:
        """amount: how many things were done. Things per second of one core."""
        return round(amount / max(self.cpu_s, 1e-9))

    def columns(self) -> dict[str, float]:
        """For a line of results."""
        return {
            "wall_s": round(self.wall_s, 2),
            "cpu_s": round(self.cpu_s, 2),
            "peak_rss_mb": round(self.peak_rss_mb, 1),
        }


@contextmanager
def measured() -> Iterator[Spent]:
    """Times what stands inside; this process only, all its threads."""
    spent = Spent()
    wall, cpu = time.perf_counter(), time.process_time()
    yield spent
    spent.wall_s = time.perf_counter() - wall
    spent.cpu_s = time.process_time() - cpu
    spent.peak_rss_mb = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    )  # KiB on Linux


def emit(measure: str, columns: Mapping[str, Any]) -> None:
    """One line of results. measure: what was measured, the first key of the line."""
    print(json.dumps({"measure": measure, **columns}, ensure_ascii=False, default=str), flush=True)


def say(text: str) -> None:
    """To the person waiting."""
    print(text, file=sys.stderr, flush=True)


def share(part: float, whole: float) -> float | None:
    """part of whole to four places; None of nothing.

    >>> share(1, 3), share(0, 0)
    (0.3333, None)
    """
    return round(part / whole, 4) if whole else None


def per_million(count: int, rows: int) -> float | None:
    """count among `rows`, as it would be among a million.

    >>> per_million(3, 2_000)
    1500.0
    """
    return round(count * 1e6 / rows, 1) if rows else None
