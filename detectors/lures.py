"""What stands beside the brand in a name: lure words by class, digits, letters of no word.

Words come from tables/lures.toml. Nothing here decides: ranking weighs the classes.
May import: nothing of ours.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

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


_PIECE = re.compile(r"[a-z]+|[0-9]+")


@lru_cache(maxsize=65_536)
def read_rest(rest: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """rest: the name without the brand, lower-case ASCII, with its separators.

    Returns (lures, traits). Lures are "class:word" in order; traits are "digits" (a run of
    digits that is part of no word) and "letters:n" (n letters that no word explains).

    >>> read_rest("login.")
    (('access:login',), ())
    >>> read_rest("securelogin-x7")
    (('access:secure', 'access:login'), ('digits', 'letters:1'))
    """
    classes = lexicon().classes
    lures: list[str] = []
    unexplained = 0
    digits = False
    for token in re.split(r"[^a-z0-9]+", rest):
        if token in classes:
            lures.append(f"{classes[token]}:{token}")
            continue
        for piece in _PIECE.findall(token):
            if piece.isdigit():
                digits = True
            else:
                words = _segment(piece)
                lures.extend(f"{classes[word]}:{word}" for word in words)
                unexplained += len(piece) - sum(map(len, words))
    traits: tuple[str, ...] = ("digits",) if digits else ()
    if unexplained:
        traits += (f"letters:{unexplained}",)
    return tuple(dict.fromkeys(lures)), traits


def _segment(piece: str) -> tuple[str, ...]:
    """The piece as lure words without a letter left over, fewest words first; () if it is not.

    A long lure word at either end counts too: "klantenservicejan" holds one.
    """
    words = lexicon()
    if piece in words.classes:
        return (piece,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(piece)
    for end in range(1, len(piece) + 1):
        for start in range(max(0, end - words.longest), end - SHORTEST_GLUED + 1):
            before = best[start]
            if before is not None and (word := piece[start:end]) in words.classes:
                candidate = (*before, word)
                current = best[end]
                if current is None or len(candidate) < len(current):
                    best[end] = candidate
    whole = best[-1]
    if whole:
        return whole
    for length in range(min(len(piece), words.longest), 3, -1):
        for word in (piece[:length], piece[-length:]):
            if word in words.classes:
                return (word,)
    return ()
