"""Asking a person before what cannot simply be undone is done, and showing what it is about.

May import: namaak.cli.output, namaak.errors.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from namaak.cli.output import cell, say
from namaak.errors import UsageError

#: Of the cases that it is about; the others are counted.
MOST_SHOWN = 20


def say_cases(cases: Sequence[Mapping[str, Any]]) -> None:
    """A line for each, to stderr: it is talk, and not yet a result."""
    for row in cases[:MOST_SHOWN]:
        say(f"  {row['case_id']}  {row['band']:<9} {row['score']:>3}  {cell(row['subject'])}")
    if (more := len(cases) - MOST_SHOWN) > 0:
        say(f"  and {more:,} more")


def agreed(question: str, *, yes: bool) -> bool:
    """Whether a person says yes. Raises UsageError where there is nobody to ask."""
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("Nobody is there to ask; look at it with --preview, then say --yes.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
