"""The one fold table: what people read, whatever was written.

Two steps, kept apart because they cost differently in ranking. `read_as_ascii` turns styled,
marked and lookalike characters into the ASCII letters they are read as and names the layers it
needed. `shape` then merges ASCII characters that look alike (i l 1 |, 0 o, 3 e ...), one to
one, so that offsets stay and an edit distance never grows. Pairs that look like one letter
(`PAIRS`) change lengths and are a step of their own, `merge_pairs`.
Table: detectors/tables/folds.tsv, made by make_folds.py.
May import: nothing of ours.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
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

#: Two letters that look like one in a line of text. "lb", "lh" and "rr" are an edit each.
PAIRS = {"rn": "m", "vv": "w", "cl": "d", "nn": "m", "lc": "k"}
_PAIR = re.compile("|".join(PAIRS))

_LEGAL_SIGNS = frozenset("©®")
_TICKS = frozenset("✓✔☑✅🗸🗹🮱☒🅥")
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
    layers: tuple[str, ...]  #: folds needed, mildest first, of LAYERS
    traits: tuple[str, ...]  #: "invisible", "bidi", "fake-tick", "mixed-script"


@dataclass(frozen=True, slots=True)
class FoldTable:
    """Code point to (layer, ASCII), and the version that matches record."""

    version: str
    reads_as: dict[int, tuple[str, str]]
    also: dict[int, str]  #: what some of them are read as too: looks like one, sounds like another


@cache
def fold_table() -> FoldTable:
    """The shipped table, read once."""
    text = files("detectors.tables").joinpath("folds.tsv").read_text(encoding="utf-8")
    version = ""
    reads_as, also = {}, {}
    for line in text.splitlines():
        if line.startswith("#"):
            version = version or line.partition("version: ")[2]
            continue
        point, layer, ascii_text, *second = line.split("\t")
        reads_as[int(point, 16)] = (layer, ascii_text)
        if second:
            also[int(point, 16)] = second[0]
    return FoldTable(version=version, reads_as=reads_as, also=also)


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
        pair = PAIRS.get(text[start : start + 2])
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
    return _read(text)


def read_otherwise(text: str) -> Reading | None:
    """The second reading of a text with letters that have one; None where none has.

    >>> read_otherwise("вol").text, read_as_ascii("вol").text
    ('vol', 'bol')
    """
    if text.isascii() or not any(_read_character(char).also for char in text):
        return None
    return _read(text, otherwise=True)


@dataclass(frozen=True, slots=True)
class _Character:
    """All that reading needs to know of one character beyond ASCII."""

    text: str  #: empty for what is not read: marks, and what cannot be seen
    layer: str
    also: str
    also_layer: str
    trait: str
    foreign: bool  #: another script's letter that looks like a Latin one
    breaks: bool  #: no letter to any table


@lru_cache(maxsize=65_536)
def _read_character(char: str) -> _Character:
    point = ord(char)
    table = fold_table()
    text, layer, trait, breaks = "", "", "", False
    if point < 0x80:
        text = char.lower()
    elif is_hidden(char):
        trait = "bidi" if char in _BIDI else "invisible"
    elif unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        layer = "diacritic"
    else:
        layer, text = table.reads_as.get(point, ("", " "))
        trait = "fake-tick" if char in _TICKS else ""
        breaks = not layer
    letter = is_foreign_letter(char)
    return _Character(
        text=text,
        layer=layer,
        also=table.also.get(point, ""),
        also_layer="sound" if letter else layer,
        trait=trait,
        foreign=letter and layer in FOREIGN,
        breaks=breaks,
    )


def _read(text: str, *, otherwise: bool = False) -> Reading:
    out: list[str] = []
    offsets: list[int] = []
    layers: set[str] = set()
    traits: set[str] = set()
    latin = foreign = False  # of the word that is being read
    for index, char in enumerate(text):
        if char < "\x80":
            if char.isalpha():
                latin = True
            elif not char.isdigit():
                latin = foreign = False
            out.append(char.lower())
            offsets.append(index)
        elif char in _LEGAL_SIGNS and not text[index + 1 : index + 2].isalnum():
            # Behind a word a sign of its owner; before a letter it is meant as one ("©oin").
            out.append(" ")
            offsets.append(index)
        else:
            known = _read_character(char)
            read, layer = known.text, known.layer
            if otherwise and known.also:
                read, layer = known.also, known.also_layer
            if known.trait:
                traits.add(known.trait)
            if layer:
                layers.add(layer)
            if known.foreign:
                foreign = True
            elif known.breaks:
                latin = foreign = False
            out.append(read)
            offsets.extend([index] * len(read))
        if latin and foreign:
            traits.add("mixed-script")
    return Reading(
        text="".join(out),
        offsets=tuple(offsets),
        layers=tuple(name for name in LAYERS if name in layers),
        traits=tuple(sorted(traits)),
    )


def is_hidden(char: str) -> bool:
    """Nothing to be seen: joiners, fillers, tags, variation selectors, marks of direction."""
    point = ord(char)
    return (
        char in _INVISIBLE
        or char in _BIDI
        or 0xE0000 <= point <= 0xE0FFF
        or 0xFE00 <= point <= 0xFE0F
    )


def is_foreign_letter(char: str) -> bool:
    """A letter of another script that is drawn like the Latin one.

    No symbols, no styled letters, and no kana or Thai: beside Latin letters these are how names
    are written in their countries, and they look like none of them.

    >>> [is_foreign_letter(char) for char in "аɡ𝐚é€カ"]
    [True, False, False, False, False, False]
    """
    if char.isascii() or unicodedata.category(char)[0] != "L":
        return False
    return unicodedata.name(char, "").startswith(_DRAWN_ALIKE)


_DRAWN_ALIKE = ("CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE", "LISU", "CANADIAN",
                "OLD ITALIC", "GOTHIC", "DESERET", "TIFINAGH")  # fmt: skip

#: A name of fewer letters would be everywhere: nobody looks for it.
SHORTEST_TERM = 2


def letters_of(text: str) -> str:
    """The letters and digits of a text as ASCII, lower case; empty when none is read as one.

    >>> letters_of("L'Oréal 24")
    'loreal24'
    """
    return re.sub(r"[^a-z0-9]", "", read_as_ascii(text).text)


#: Mildest first. "shape" and "pairs" are added by the matcher, see `detectors.names`.
LAYERS = ("styled", "diacritic", "shape", "pairs", "confusable", "visual", "sound")
#: Of these a character is written in place of another.
FOREIGN = ("confusable", "visual")
