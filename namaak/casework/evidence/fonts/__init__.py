"""Letters of the printed report, carried along so that it looks alike on every machine.

DejaVu 2.37 without hints, see LICENSE; `make_fonts.py` makes them from the files of that release,
and coverage.txt, which says what they can show: a character that no font has may not stand in a
PDF/A, so it is printed as its code point.
May import: nothing of ours.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


def covers(character: str) -> bool:
    """Whether one of the fonts has it.

    >>> covers("A"), covers("\\u0430"), covers("\\u4e2d")
    (True, True, False)
    """
    starts, ends = _ranges()
    place = bisect_right(starts, ord(character)) - 1
    return place >= 0 and ord(character) <= ends[place]


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """First and last code points of each range, ascending."""
    text = (FOLDER / "coverage.txt").read_text("ascii")
    pairs = [line.split("-") for line in text.splitlines() if line and not line.startswith("#")]
    return [int(pair[0], 16) for pair in pairs], [int(pair[-1], 16) for pair in pairs]
