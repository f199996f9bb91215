"""ASCII characters that are read as others, in both directions, once and twice.

Shapes and pairs are those of the house (`detectors.folding`); beside them stand letters that are
taken for each other in a line of small type without sharing a shape, which only a generator needs.
May import: detectors.folding.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cache

from detectors.folding import PAIRS, SHAPE

_ALIKE = (("b", "d"), ("c", "e"), ("g", "q"), ("u", "v"), ("m", "n"), ("n", "r"), ("h", "n"),
          ("p", "q"), ("3", "8"), ("6", "9"))  # fmt: skip
#: Written for one letter; the other way round nobody would read it so.
_FOR_ONE = {"b": ("lb",), "d": ("dl",), "h": ("lh",)}


@cache
def _written_for() -> dict[str, tuple[str, ...]]:
    """By what the brand has, one character or a pair, what may stand there instead."""
    found: dict[str, dict[str, None]] = {}

    def add(read: str, written: str) -> None:
        found.setdefault(read, {})[written] = None

    characters = string.ascii_lowercase + string.digits
    for one in characters:
        for other in characters:
            if one != other and SHAPE[ord(one)] == SHAPE[ord(other)]:
                add(one, other)
    for pair, letter in PAIRS.items():
        add(letter, pair)
        add(pair, letter)
    for one, other in _ALIKE:
        add(one, other)
        add(other, one)
    for letter, pairs in _FOR_ONE.items():
        for pair in pairs:
            add(letter, pair)
    return {read: tuple(written) for read, written in found.items()}


def homoglyph(label: str) -> Iterator[str]:
    """A doubled letter is replaced twice as well: that is one idea, and one glance.

    >>> "acrne" in set(homoglyph("acme")), "g00gle" in set(homoglyph("google"))
    (True, True)
    """
    written_for = _written_for()
    for at in range(len(label)):
        letter, pair = label[at], label[at : at + 2]
        for read in (letter, pair):
            for written in written_for.get(read, ()):
                yield label[:at] + written + label[at + len(read) :]
        if pair == letter * 2:
            for written in written_for.get(letter, ()):
                yield label[:at] + written * 2 + label[at + 2 :]


def homoglyph_twice(label: str) -> Iterator[str]:
    """
    >>> "1oca1" in set(homoglyph_twice("local"))
    True
    """
    for once in dict.fromkeys(homoglyph(label)):
        yield from homoglyph(once)
