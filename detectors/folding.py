"""The one fold table: what people read, whatever was written.

Two steps, kept apart because they cost differently in ranking. `read_as_ascii` turns styled,
marked and lookalike characters into the ASCII letters they are read as and names the layers it
needed. `shape` then merges ASCII characters that look alike (i l 1 |, 0 o, 3 e ...), one to
one, so that offsets stay and an edit distance never grows. Pairs that look like one letter
(rn m, vv w, cl d, nn m) change lengths and are a step of their own, `merge_pairs`.
Table: detectors/tables/folds.tsv, made by make_folds.py.
May import: nothing of ours.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

#: 256-entry table: ASCII characters of one shape share a letter; everything that is neither
#: letter nor digit becomes ".", the boundary.
SHAPE = bytes(
    ord(
        {"1": "l", "i": "l", "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b"}.get(
            lower, lower
        )
    )
    if (lower := chr(byte).lower()).isascii() and lower.isalnum()
    else ord(".")
    for byte in range(256)
)

_PAIRS = {"rn": "m", "vv": "w", "cl": "d", "nn": "m"}
_PAIR = re.compile("|".join(_PAIRS))

_TICKS = frozenset("✓✔☑✅🗸☒🅥")
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
#: Default-ignorable characters that hide inside names (soft hyphen, joiners, fillers, ...).
_INVISIBLE = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064"
    "\u2800\u3164\ufeff\uffa0"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text as a person reads it."""

    text: str  #: ASCII, lower case; separators kept
    offsets: tuple[int, ...] | None  #: source index of each character; None when one to one
    layers: tuple[str, ...]  #: folds needed, mildest first: styled, diacritic, confusable, visual
    traits: tuple[str, ...]  #: "invisible", "bidi", "fake-tick", "mixed-script"


@dataclass(frozen=True, slots=True)
class FoldTable:
    """Code point to (layer, ASCII), and the version that matches record."""

    version: str
    reads_as: dict[int, tuple[str, str]]


@cache
def fold_table() -> FoldTable:
    """The shipped table, read once."""
    text = files("detectors.tables").joinpath("folds.tsv").read_text(encoding="utf-8")
    version = ""
    reads_as = {}
    for line in text.splitlines():
        if line.startswith("#"):
            version = version or line.partition("version: ")[2]
            continue
        point, layer, ascii_text = line.split("\t")
        reads_as[int(point, 16)] = (layer, ascii_text)
    return FoldTable(version=version, reads_as=reads_as)


def shape(text: str) -> str:
    """text: ASCII. Same length; characters of one shape become one; boundaries become ".".

    >>> shape("PayPa1-Secure")
    'paypal.secure'
    """
    return text.encode("ascii").translate(SHAPE).decode("ascii")


def merge_pairs(text: str) -> tuple[str, tuple[int, ...]] | None:
    """text: lower-case ASCII. Pairs read as one letter become it; None when there are none.

    Returns the text and, for each of its characters, the index it came from.

    >>> merge_pairs("rnicrosoft")[0]
    'microsoft'
    """
    if not _PAIR.search(text):
        return None
    merged, offsets, start = [], [], 0
    while start < len(text):
        pair = _PAIRS.get(text[start : start + 2])
        merged.append(pair or text[start])
        offsets.append(start)
        start += 2 if pair else 1
    return "".join(merged), tuple(offsets)


def read_as_ascii(text: str) -> Reading:
    """Any text as the ASCII a person reads in it; what no table knows becomes a boundary.

    Idempotent: reading a reading changes nothing.

    >>> read_as_ascii("ΑcmеＢank ✅").text
    'acmebank  '
    >>> read_as_ascii("аcme").layers
    ('confusable',)
    """
    if text.isascii():
        return Reading(text=text.lower(), offsets=None, layers=(), traits=())
    table = fold_table().reads_as
    out: list[str] = []
    offsets: list[int] = []
    layers: set[str] = set()
    traits: set[str] = set()
    latin = other = False
    for index, char in enumerate(text):
        if char.isascii():
            latin = latin or char.isalpha()
            out.append(char.lower())
            offsets.append(index)
            continue
        if char in _BIDI:
            traits.add("bidi")
            continue
        if char in _INVISIBLE or 0xE0000 <= ord(char) <= 0xE0FFF or 0xFE00 <= ord(char) <= 0xFE0F:
            traits.add("invisible")
            continue
        if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
            layers.add("diacritic")
            continue
        if char in _TICKS:
            traits.add("fake-tick")
        layer, ascii_text = table.get(ord(char), ("", " "))
        if layer:
            layers.add(layer)
            other = other or layer in ("confusable", "visual")
        for letter in ascii_text:
            out.append(letter)
            offsets.append(index)
    if latin and other:
        traits.add("mixed-script")
    return Reading(
        text="".join(out),
        offsets=tuple(offsets),
        layers=tuple(name for name in LAYERS if name in layers),
        traits=tuple(sorted(traits)),
    )


#: Mildest first. "shape" and "pairs" are added by the matcher, see `detectors.names`.
LAYERS = ("styled", "diacritic", "shape", "pairs", "confusable", "visual")
