"""The field's names for what was done to a name: typosquats, homographs, combosquats, affixes.

Labels for the analyst. What is found and how it ranks does not depend on them, so they may be
generous: a name can bear several, the letters' own first, then the place's, then the company's.
May import: detectors.folding.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import lru_cache

from detectors.folding import FOREIGN, PAIRS, SHAPE, is_foreign_letter, is_hidden

#: Rows of keys as they lie, each half a key right of the one above.
_LAYOUTS = {
    "qwerty": ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "azerty": ("1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    "qwertz": ("1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm"),
}
_VOWELS = frozenset("aeiouy")
#: Letters that look alike in running text without sharing a shape.
_ALIKE = frozenset(
    frozenset(pair)
    for pair in ("bd", "ce", "gq", "uv", "nm", "nr", "hn", "pq", "bp", "dq", "vw", "yv", "g9",
                 "b6", "z2", "q9", "g6")
)  # fmt: skip
_SOUND_ALIKE = frozenset(frozenset(pair) for pair in ("ck", "sz", "iy", "fv", "cs", "kq", "gj"))
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")

_SEPARATORS = {"-": "hyphen-inside", ".": "dot-inside", " ": "space-inside",
               "_": "underscore-inside"}  # fmt: skip

#: What people expect behind a company's name.
FAMILIAR_SUFFIXES = frozenset(
    {"com", "net", "org", "co", "info", "biz", "eu", "nl", "be", "de", "fr", "es", "it", "uk",
     "at", "ch"}
)  # fmt: skip
_JOINED_SUFFIX = re.compile(rf"-?(?:{'|'.join(sorted(FAMILIAR_SUFFIXES))})(?![a-z0-9])")
_WWW_GLUED = re.compile(r"(?<![a-z0-9])(?:w{2,4}[0-9]?|https?(?:www)?)-?$")
_URL_ENCODED = re.compile(r"(?<![a-z0-9])(?:3a)?(?:2f)+$")
_COM_LABEL = re.compile(r"(?:.*\.)?com-")
_DIGIT_TAIL = re.compile(r"[-_.]?[0-9]+$")


def _neighbours(rows: Sequence[str]) -> Iterator[frozenset[str]]:
    """Pairs of keys that touch."""
    for height, row in enumerate(rows):
        yield from (frozenset(pair) for pair in itertools.pairwise(row))
        if height:
            above = rows[height - 1]
            for place, key in enumerate(row):
                yield from (frozenset((key, other)) for other in above[place : place + 2])


_ADJACENT = {layout: frozenset(_neighbours(rows)) for layout, rows in _LAYOUTS.items()}


@lru_cache(maxsize=65_536)
def spelling_kinds(raw: str, written: str) -> tuple[str, ...]:
    """How `written` departs from `raw`; both lower-case ASCII letters and digits.

    >>> spelling_kinds("paypal", "paypaal")
    ('repetition',)
    >>> spelling_kinds("paypal", "paupal")
    ('replacement', 'vowel-swap', 'keyboard-adjacent:qwerty/azerty')
    >>> spelling_kinds("microsoft", "rnicros0ft")
    ('pair-homoglyph', 'leet')
    """
    if written in (raw + "s", raw + "es") or raw in (written + "s", written + "es"):
        return ("plural",)
    kinds: list[str] = []
    for deed, meant, seen, at in _edits(raw, written):
        if deed == "insertion":
            kinds += _inserted(written, seen, at)
        elif deed == "replacement":
            kinds += _replaced(meant, seen)
        else:
            kinds.append(deed)
    return tuple(dict.fromkeys(kinds))


def _inserted(written: str, letter: str, at: int) -> Iterator[str]:
    beside = {written[place] for place in (at - 1, at + 1) if 0 <= place < len(written)}
    if letter in beside:
        yield "repetition"
        return
    yield "insertion"
    yield from _keyboard(*(frozenset((letter, other)) for other in beside))


@lru_cache(maxsize=4096)
def _replaced(meant: str, seen: str) -> tuple[str, ...]:
    pair = frozenset((meant, seen))
    if SHAPE[ord(meant)] == SHAPE[ord(seen)]:
        return ("leet",) if meant.isdigit() != seen.isdigit() else ("homoglyph",)
    kinds = ["replacement"]
    if pair <= _VOWELS:
        kinds.append("vowel-swap")
    if pair in _ALIKE:
        kinds.append("homoglyph")
    if pair in _SOUND_ALIKE:
        kinds.append("sound-alike")
    kinds += _keyboard(pair)
    flipped_bits = ord(meant) ^ ord(seen)
    if flipped_bits & (flipped_bits - 1) == 0 and seen in _HOST_CHARACTERS:
        kinds.append("bitsquat")
    return tuple(kinds)


def _keyboard(*pairs: frozenset[str]) -> Iterator[str]:
    layouts = [name for name, touching in _ADJACENT.items() if any(p in touching for p in pairs)]
    if len(layouts) == len(_ADJACENT):
        yield "keyboard-adjacent"
    elif layouts:
        yield f"keyboard-adjacent:{'/'.join(layouts)}"


#: Costs of a path from the term to what is written: what only looks alike is half an edit.
_EDIT, _LOOK = 2, 1


def _edits(raw: str, written: str) -> list[tuple[str, str, str, int]]:
    """(deed, meant, seen, index in written), in reading order, of a cheapest path.

    Deeds: insertion, omission, replacement, transposition, pair-homoglyph.
    """
    start, most = 0, min(len(raw), len(written))
    while start < most and raw[start] == written[start]:
        start += 1
    tail = 0
    while tail < most - start and raw[-1 - tail] == written[-1 - tail]:
        tail += 1
    meant, seen = raw[start : len(raw) - tail], written[start : len(written) - tail]
    if len(meant) < 2 and len(seen) < 2:
        # Most misspellings: one letter, and one way to it.
        deed = "omission" if not seen else "replacement" if meant else "insertion"
        return [(deed, meant, seen, start)] if meant or seen else []
    via = _ways(meant, seen)
    path = []
    i, j = len(meant), len(seen)
    while i or j:
        up, left, deed = via[i][j]
        i, j = i - up, j - left
        if deed:
            path.append((deed, meant[i : i + up], seen[j : j + left], start + j))
    return path[::-1]


_Step = tuple[int, int, str]  # letters of meant, letters of seen, deed
_OMITTED: _Step = (1, 0, "omission")
_INSERTED: _Step = (0, 1, "insertion")
_REPLACED: _Step = (1, 1, "replacement")
_KEPT: _Step = (1, 1, "")
_LOOKS_LIKE_PAIR: _Step = (1, 2, "pair-homoglyph")
_PAIR_LOOKS_LIKE: _Step = (2, 1, "pair-homoglyph")
_SWAPPED: _Step = (2, 2, "transposition")


def _ways(meant: str, seen: str) -> list[list[_Step]]:
    """By letters of meant and of seen: the last step of a cheapest path from one to the other.

    Of equal steps the last one here. In one piece, because every new misspelling passes here.
    """
    rows, columns = len(meant) + 1, len(seen) + 1
    cost = [[_EDIT * (i + j) for j in range(columns)] for i in range(rows)]
    via = [[_OMITTED if i else _INSERTED] * columns for i in range(rows)]
    shapes = [SHAPE[ord(letter)] for letter in seen]
    seen_pairs = [PAIRS.get(seen[max(j - 1, 0) : j + 1]) for j in range(len(seen))]
    for i, one in enumerate(meant):
        shape, pair = SHAPE[ord(one)], PAIRS.get(meant[max(i - 1, 0) : i + 1])
        above, here, steps = cost[i], cost[i + 1], via[i + 1]
        for j, other in enumerate(seen):
            least, step = above[j + 1] + _EDIT, _OMITTED
            if here[j] + _EDIT <= least:
                least, step = here[j] + _EDIT, _INSERTED
            if one == other:
                if above[j] < least:
                    least, step = above[j], _KEPT
            else:
                total = above[j] + (_LOOK if shape == shapes[j] else _EDIT)
                if total <= least:
                    least, step = total, _REPLACED
            if seen_pairs[j] == one and above[j - 1] + _LOOK <= least:
                least, step = above[j - 1] + _LOOK, _LOOKS_LIKE_PAIR
            if pair == other and cost[i - 1][j] + _LOOK <= least:
                least, step = cost[i - 1][j] + _LOOK, _PAIR_LOOKS_LIKE
            if (
                i
                and j
                and one != other
                and one == seen[j - 1]
                and meant[i - 1] == other
                and cost[i - 1][j - 1] + _EDIT <= least
            ):
                least, step = cost[i - 1][j - 1] + _EDIT, _SWAPPED
            here[j + 1], steps[j + 1] = least, step
    return via


def disguise_kinds(shown: str, layers: Set[str], *, host: bool) -> tuple[str, ...]:
    """What is odd in the characters of a span as it is written; nothing for plain ASCII.

    layers: the folds that reading the span needed, of `folding.LAYERS`.

    >>> disguise_kinds("pаypal", {"confusable"}, host=True)
    ('idn-homograph', 'mixed-script')
    """
    if shown.isascii():
        return ()
    kinds = []
    if layers & {*FOREIGN, "diacritic", "styled"} and host:
        kinds.append("idn-homograph")
    elif layers & set(FOREIGN):
        kinds.append("homoglyph")
    foreign = [is_foreign_letter(char) for char in shown if char.isalpha()]
    if layers & set(FOREIGN) and any(foreign):
        kinds.append("whole-script" if all(foreign) else "mixed-script")
    kinds += [layer for layer in ("diacritic", "styled") if layer in layers]
    if "sound" in layers:
        kinds.append("transliteration")
    if any(map(is_hidden, shown)):
        kinds.append("invisible")
    return tuple(kinds)


def cut_kinds(text: str) -> tuple[str, ...]:
    """text: a span as read, with separators where the name itself has none.

    >>> cut_kinds("pay-pal")
    ('hyphen-inside',)
    """
    found = (_SEPARATORS.get(char, "sign-inside") for char in text if not char.isalnum())
    return tuple(dict.fromkeys(found))


def company_kinds(before: str, after: str, lures: Iterable[str]) -> tuple[str, ...]:
    """before, after: what stands around the brand in its label; lures as "class:word".

    >>> company_kinds("www", "com", [])
    ('www-glued', 'joined-suffix')
    """
    return (*kinds_before(before), *kinds_behind(after), *affix_kinds(tuple(lures)))


@lru_cache(maxsize=65_536)
def kinds_before(before: str) -> tuple[str, ...]:
    """Of what stands in front of the brand in its label."""
    kinds = []
    if _URL_ENCODED.search(before):
        kinds.append("url-encoded")
    elif _WWW_GLUED.search(before):
        kinds.append("www-glued")
    if _COM_LABEL.match(before):
        kinds.append("com-label")
    return tuple(kinds)


@lru_cache(maxsize=65_536)
def kinds_behind(after: str) -> tuple[str, ...]:
    """Of what stands behind the brand in its label."""
    kinds = []
    if _JOINED_SUFFIX.match(after):
        kinds.append("joined-suffix")
    if _DIGIT_TAIL.fullmatch(after):
        kinds.append("digit-tail")
    return tuple(kinds)


@lru_cache(maxsize=65_536)
def affix_kinds(lures: tuple[str, ...]) -> tuple[str, ...]:
    """Of the words beside the brand, as "class:word"."""
    kinds = []
    for lure in lures:
        name, _, word = lure.partition(":")
        if word in _VERBS:
            name = "verb"
        if name not in _NO_AFFIX:
            kinds.append(f"affix-{name}")
    return tuple(dict.fromkeys(kinds))


#: Said in front of a name: "get", "my".
_VERBS = frozenset({"get", "go", "try", "join", "use", "my", "mijn", "your", "jouw", "uw", "ga"})
#: Classes of the lexicon that are pieces of an address, and named above.
_NO_AFFIX = frozenset({"address", "web"})
