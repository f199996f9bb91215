"""Asking a person before what cannot simply be undone is done."""

from __future__ import annotations

import sys

from namaak.errors import UsageError


def agreed(question: str, *, yes: bool) -> bool:
    """Whether a person says yes. Raises UsageError where there is nobody to ask."""
    if yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("Nobody is there to ask; look at it with --preview, then say --yes.")
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
