"""What stands beside the brand in a name: lure words by class, digits, letters of no word.

Words come from tables/lures.toml. Nothing here decides: ranking weighs the classes.
May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

#: Shorter words count only when they stand alone, or rest letters would always "explain".
SHORTEST_GLUED = 3


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Word to class; longest word first matters only for glued pieces."""

    version: str
    names: tuple[str, ...]  #: of the classes, in the file's order
    classes: dict[str, str]
    longest: int
    generic: frozenset[str]  #: say nothing about who is meant; some have a class, some have none


@cache
def lexicon() -> Lexicon:
    """The shipped words, read once. The first class in the file wins a word listed twice."""
    text = files("detectors.tables").joinpath("lures.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    version = f"{table.pop('version')}-{digest}"
    generic = frozenset(word for words in table.pop("generic").values() for word in words)
    classes: dict[str, str] = {}
    for name, languages in table.items():
        for words in languages.values():
            for word in words:
                classes.setdefault(word, name)
    return Lexicon(version, tuple(table), classes, max(map(len, classes)), generic)


_TOKEN = re.compile(r"[a-z0-9]+")
_PIECE = re.compile(r"[a-z]+|[0-9]+")


class Rest(NamedTuple):
    """A part of a name beside the brand."""

    lures: tuple[str, ...]  #: "class:word" in order, each once
    digits: bool  #: a run of digits that is part of no word
    letters: int  #: letters that no word explains


@lru_cache(maxsize=65_536)
def read_part(part: str) -> Rest:
    """part: lower-case ASCII, with its separators.

    What stands before a brand and what stands behind it come back in other names much more often
    than both together, so each is read and remembered for itself; see `both`.
    """
    classes = lexicon().classes
    lures: list[str] = []
    unexplained = 0
    digits = False
    for token in _TOKEN.findall(part):
        if token in classes:
            lures.append(f"{classes[token]}:{token}")
            continue
        for piece in (token,) if token.isalpha() else _PIECE.findall(token):
            if piece.isdigit():
                digits = True
            else:
                found, explained = _segment(piece)
                lures += found
                unexplained += len(piece) - explained
    return Rest(tuple(dict.fromkeys(lures)), digits, unexplained)


def both(before: Rest, after: Rest) -> Rest:
    """Two parts with a separator between them: no word reaches from one into the other."""
    lures = before.lures
    if after.lures:
        lures = tuple(dict.fromkeys((*lures, *after.lures))) if lures else after.lures
    return Rest(lures, before.digits or after.digits, before.letters + after.letters)


def read_rest(rest: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """rest: the name without the brand, lower-case ASCII, with its separators.

    Returns (lures, traits). Lures are "class:word" in order; traits as `traits_of` has them.

    >>> read_rest("login.")
    (('access:login',), ())
    >>> read_rest("securelogin-x7")
    (('access:secure', 'access:login'), ('digits', 'letters:1'))
    """
    part = read_part(rest)
    return part.lures, traits_of(part.digits, part.letters)


@lru_cache(maxsize=4096)
def traits_of(digits: bool, letters: int) -> tuple[str, ...]:
    """What `Rest` counts, as traits: "digits", and "letters:n" for n that no word explains."""
    traits: tuple[str, ...] = ("digits",) if digits else ()
    return (*traits, f"letters:{letters}") if letters else traits


@lru_cache(maxsize=65_536)
def _segment(piece: str) -> tuple[tuple[str, ...], int]:
    """(lures of the piece, letters of it that they explain)."""
    words = _cut(piece)
    if not words:
        return (), 0
    classes = lexicon().classes
    return tuple(f"{classes[word]}:{word}" for word in words), sum(map(len, words))


class _Lengths(NamedTuple):
    """Lengths of the words that may be glued, by their first and by their last letters.

    At nearly every place of an ordinary piece no word begins: one look tells so.
    """

    first: dict[str, tuple[int, ...]]  #: ascending
    last: dict[str, tuple[int, ...]]


@cache
def _lengths() -> _Lengths:
    first: dict[str, set[int]] = {}
    last: dict[str, set[int]] = {}
    for word in lexicon().classes:
        if len(word) >= SHORTEST_GLUED:
            first.setdefault(word[:SHORTEST_GLUED], set()).add(len(word))
            last.setdefault(word[-SHORTEST_GLUED:], set()).add(len(word))
    return _Lengths(
        {key: tuple(sorted(some)) for key, some in first.items()},
        {key: tuple(sorted(some)) for key, some in last.items()},
    )


def _cut(piece: str) -> tuple[str, ...]:
    """The piece as lure words without a letter left over, fewest words first; () if it is not.

    A long lure word at either end counts too: "klantenservicejan" holds one.
    """
    classes, lengths = lexicon().classes, _lengths()
    if piece in classes:
        return (piece,)
    whole = _without_rest(piece, classes, lengths)
    if whole:
        return whole
    first = lengths.first.get(piece[:SHORTEST_GLUED], ())
    last = lengths.last.get(piece[-SHORTEST_GLUED:], ())
    for length in sorted({*first, *last}, reverse=True) if first or last else ():
        if not SHORTEST_GLUED < length <= len(piece):
            continue
        for word in (piece[:length], piece[-length:]):
            if word in classes:
                return (word,)
    return ()


def _without_rest(
    piece: str, classes: Mapping[str, str], lengths: _Lengths
) -> tuple[str, ...] | None:
    """Of the ways to cut the piece into words the one of fewest; of equals the one whose last
    words are longest."""
    if piece[:SHORTEST_GLUED] not in lengths.first:
        return None
    # From left to right, so that all ways to a place are known when words that begin there are
    # tried, and of equal ways to an end the one from the earliest place is kept.
    best: list[tuple[str, ...] | None] = [()] + [None] * len(piece)
    for start in range(len(piece) - SHORTEST_GLUED + 1):
        before = best[start]
        if before is None:
            continue
        for length in lengths.first.get(piece[start : start + SHORTEST_GLUED], ()):
            end = start + length
            if end > len(piece):
                break
            word = piece[start:end]
            if word not in classes:
                continue
            current = best[end]
            if current is None or len(before) + 1 < len(current):
                best[end] = (*before, word)
    return best[-1]
