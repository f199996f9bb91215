"""Handles that somebody might take to pose as a brand, the likeliest first.

Which are possible on a platform the caller says; what is made of names that are too long there is
cut, as those do who take such handles. Pure: names in, handles out, the same ones every time.
May import: detectors.folding, detectors.permutations.*.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from detectors.folding import letters_of, read_as_ascii
from detectors.permutations import typing_errors
from detectors.permutations.handle_kinds import (
    SAFE_FOR_SHORT,
    SHARES,
    SHORTEST_FOR_SLIPS,
    HandleKind,
)
from detectors.permutations.handle_words import handle_words
from detectors.permutations.homoglyphs import homoglyph

#: What platforms allow between letters, the commonest first.
_SEPARATORS = {"_": 1.0, ".": 0.5, "-": 0.4}
#: A letter before the name is as common as one behind it; inside it is a slip of another kind.
_TAILS = {"24": 1.0, "365": 0.9, "247": 0.8, "24h": 0.4, "24x7": 0.3, "123": 0.4, "01": 0.4,
          "360": 0.3, "00": 0.2, "007": 0.1}  # fmt: skip
_LEET = {"o": "0", "i": "1", "l": "1", "e": "3", "a": "4", "s": "5", "t": "7", "b": "8", "g": "9"}
#: Name, word and separator: glued is commoner than cut, the word behind commoner than in front.
_FORMS = (("{name}{word}", 1.0), ("{name}{cut}{word}", 0.7), ("{word}{name}", 0.5),
          ("{word}{cut}{name}", 0.35))  # fmt: skip
#: So much of a word must stand for a cut one to be read.
_SHORTEST_CUT = 3
#: A second name of the brand's is posed as less, a third still less.
_FURTHER_NAME = 0.5
#: Handles with fewer letters belong to somebody, whatever they say.
_SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleCandidate:
    """A handle to ask about."""

    handle: str  #: lower case, without "@"
    kind: HandleKind  #: the kind that makes it likeliest
    weight: float  #: share of the accounts that pose as the brand, roughly


#: (handle, weight among the handles of the kind)
_Made = Iterable[tuple[str, float]]


def handle_permutations(
    names: Sequence[str],
    *,
    languages: Sequence[str] = ("en",),
    allows: Callable[[str], bool],
    most: int,
    year: int | None = None,
) -> Iterator[HandleCandidate]:
    """names: of the brand, the one it is known by first. allows: whether a platform takes a handle.

    Each handle once; at most `most`. year: of today, for the handles that bear one.

    >>> found = handle_permutations(["ACME Bank"], allows=str.isalnum, most=4)
    >>> [one.handle for one in found]
    ['acmebank', 'acmebanks', 'acmebank24', 'acmebank365']
    """
    best: dict[str, HandleCandidate] = {}
    importance = 1.0
    for name in dict.fromkeys(names):
        words = _words(name)
        base = "".join(words)
        if len(base) < _SHORTEST_NAME:
            continue
        for kind, weights in _by_kind(words, base, languages, allows, year):
            whole = sum(weights.values())
            for handle, weight in weights.items():
                share = SHARES[kind] * importance * weight / whole
                known = best.get(handle)
                if known is None or share > known.weight:
                    best[handle] = HandleCandidate(handle=handle, kind=kind, weight=share)
        importance *= _FURTHER_NAME
    ordered = sorted(best.values(), key=lambda one: (-one.weight, one.handle))
    yield from ordered[: max(most, 0)]


def _words(name: str) -> list[str]:
    """Of a name as people write it; "L'Oréal" is one word.

    >>> _words("ACME Bank & Co."), _words("L'Oréal")
    (['acme', 'bank', 'co'], ['loreal'])
    """
    glued = re.sub(r"(?<=\w)['’.](?=\w)", "", read_as_ascii(name).text)
    return [letters for part in re.split(r"[^a-z0-9]+", glued) if (letters := letters_of(part))]


def _by_kind(
    words: Sequence[str],
    base: str,
    languages: Sequence[str],
    allows: Callable[[str], bool],
    year: int | None,
) -> Iterator[tuple[HandleKind, dict[str, float]]]:
    """Every kind with what it makes that is allowed; one that makes nothing is left out."""
    cut: dict[str, float] = {}
    for kind in HandleKind:
        if kind is HandleKind.TRUNCATED:
            continue
        if len(base) < SHORTEST_FOR_SLIPS and kind not in SAFE_FOR_SHORT:
            continue
        weights: dict[str, float] = {}
        lures = handle_words(kind, languages)
        made = _beside(base, lures) if lures else _made(kind, words, base, year)
        for handle, weight in made:
            if not allows(handle):
                shorter = _cut(handle, base, allows) if lures else None
                if shorter is not None:
                    cut[shorter] = max(weight, cut.get(shorter, 0.0))
            elif handle != base or kind is HandleKind.NAMESAKE:
                weights[handle] = max(weight, weights.get(handle, 0.0))
        if weights:
            yield kind, weights
    if cut:
        yield HandleKind.TRUNCATED, cut


def _made(kind: HandleKind, words: Sequence[str], base: str, year: int | None) -> _Made:
    """Of the kinds that put no word beside the name."""
    match kind:
        case HandleKind.NAMESAKE:
            yield base, 1.0
        case HandleKind.SEPARATOR:
            yield from _separated(words, base)
        case HandleKind.EDGE_SEPARATOR:
            for mark, weight in _SEPARATORS.items():
                yield base + mark, weight
                yield mark + base, weight * 0.6
                yield mark + base + mark, weight * 0.4
                yield base + mark * 2, weight * 0.3
                yield mark * 2 + base + mark * 2, weight * 0.1
        case HandleKind.LETTER:
            yield from _one_more(base, string.ascii_lowercase)
        case HandleKind.DIGIT:
            yield from _one_more(base, string.digits)
        case HandleKind.TAIL:
            years = () if year is None else (str(year), str(year - 1), str(year)[2:])
            for place, tail in enumerate(years):
                yield base + tail, 1 / (1 + place)
            for tail, weight in _TAILS.items():
                yield base + tail, weight
                yield f"{base}_{tail}", weight / 2
        case HandleKind.LETTER_TO_SEPARATOR:
            for mark, weight in _SEPARATORS.items():
                for at in range(1, len(base) - 1):
                    yield base[:at] + mark + base[at + 1 :], weight
        case HandleKind.LEET:
            yield from _leet(base)
        case HandleKind.HOMOGLYPH:
            yield from ((handle, 1.0) for handle in homoglyph(base))
        case HandleKind.PLURAL:
            yield base + "s", 1.0
            if base.endswith("s"):
                yield base[:-1], 1.0
        case HandleKind.OMISSION:
            yield from ((handle, 1.0) for handle in typing_errors.omission(base))
        case HandleKind.TRANSPOSITION:
            yield from ((handle, 1.0) for handle in typing_errors.transposition(base))
        case HandleKind.REPETITION:
            yield from ((handle, 1.0) for handle in typing_errors.repetition(base))
        case HandleKind.REPLACEMENT:
            yield from ((handle, 1.0) for handle in typing_errors.replacement(base))


def _separated(words: Sequence[str], base: str) -> _Made:
    """Between words; of one word at each place, less; between all letters, less still."""
    for mark, weight in _SEPARATORS.items():
        if len(words) > 1:
            yield mark.join(words), weight
        for at in range(2, len(base) - 1):
            yield base[:at] + mark + base[at:], weight * 0.05
        yield mark.join(base), weight * 0.1


def _one_more(base: str, characters: str) -> _Made:
    for character in characters:
        yield base + character, 1.0
        yield character + base, 1.0


def _leet(base: str) -> _Made:
    """Every letter that has a digit; then all of one letter; then one."""
    everywhere = "".join(_LEET.get(letter, letter) for letter in base)
    yield everywhere, 1.0
    for letter in dict.fromkeys(base):
        if letter in _LEET:
            yield base.replace(letter, _LEET[letter]), 0.8
    for at, letter in enumerate(base):
        if letter in _LEET:
            yield base[:at] + _LEET[letter] + base[at + 1 :], 0.5


def _beside(base: str, lures: dict[str, float]) -> _Made:
    for word, likely in lures.items():
        if word in base:
            continue  # "acmebankbank" is nobody's choice
        for form, common in _FORMS:
            for mark, usual in _SEPARATORS.items():
                yield form.format(name=base, word=word, cut=mark), likely * common * usual
                if "{cut}" not in form:
                    break


def _cut(handle: str, base: str, allows: Callable[[str], bool]) -> str | None:
    """The longest beginning that the platform takes and that still shows a piece of the word."""
    if not handle.startswith(base):
        return None
    for end in range(len(handle) - 1, len(base) + _SHORTEST_CUT - 1, -1):
        if allows(handle[:end]):
            return handle[:end]
    return None
