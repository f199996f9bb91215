"""Characters beyond ASCII that are read as ASCII letters, from the house's one fold table.

Only what IDNA 2008 allows is kept; what a registry sells of that is known for few. The large ones
refuse labels of mixed scripts, so a single substitution is made with Latin letters, whole labels
with Cyrillic ones, and a foreign letter among Latin ones is a kind of its own, asked last.
May import: detectors.folding, detectors.permutations.labels.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache

from detectors.folding import FOREIGN, fold_table, is_foreign_letter
from detectors.permutations.labels import sold_label

#: Scripts whose letters are mixed into Latin names; of others too few are alike.
_MIXED = ("CYRILLIC", "GREEK")
#: Where the table knows several, these are drawn most like the Latin letter in small type.
_NEAREST = frozenset("ьпһԝ")
#: Read as an i by the table, whose shapes make no difference between i and l; drawn as an l.
_PALOCHKA = "\u04cf"


@cache
def _latin() -> dict[str, tuple[str, ...]]:
    """By ASCII text what may stand for it, in the order of code points; small capitals too."""
    found: dict[str, list[str]] = {}
    for point, (_, read) in sorted(fold_table().reads_as.items()):
        char = chr(point)
        if read and _is_latin(char) and sold_label(char):
            found.setdefault(read, []).append(char)
    return {read: tuple(chars) for read, chars in found.items()}


@cache
def _foreign(script: str) -> dict[str, tuple[str, ...]]:
    """The letters of that script that look like one ASCII letter, the nearest first."""
    found: dict[str, list[str]] = {}
    for point, (layer, read) in fold_table().reads_as.items():
        char = chr(point)
        if (
            layer in FOREIGN
            and len(read) == 1
            and is_foreign_letter(char)
            and unicodedata.name(char, "").startswith(script)
            and sold_label(char)
        ):
            for letter in (read, "l") if char == _PALOCHKA else (read,):
                found.setdefault(letter, []).append(char)
    return {
        read: tuple(sorted(chars, key=lambda char: (char not in _NEAREST, _layer(char), char)))
        for read, chars in found.items()
    }


def _layer(char: str) -> str:
    """ "confusable" sorts before "visual", and is nearer."""
    return fold_table().reads_as[ord(char)][0]


def _is_latin(char: str) -> bool:
    return unicodedata.name(char, "").startswith("LATIN")


def idn_homograph(label: str) -> Iterator[str]:
    """One letter beyond ASCII for one or two of the brand's; of a letter also every place of it.

    >>> "acmé" in set(idn_homograph("acme")), "ácmá" in set(idn_homograph("acma"))
    (True, True)
    """
    for at in range(len(label)):
        for read in (label[at], label[at : at + 2]):
            for char in _latin().get(read, ()):
                yield label[:at] + char + label[at + len(read) :]
    for letter in dict.fromkeys(label):
        if label.count(letter) > 1:
            for char in _latin().get(letter, ()):
                yield label.replace(letter, char)


def mixed_script(label: str) -> Iterator[str]:
    """
    >>> "асme"[:1] + "cme" in set(mixed_script("acme"))
    True
    """
    for script in _MIXED:
        for at, letter in enumerate(label):
            for char in _foreign(script).get(letter, ()):
                yield label[:at] + char + label[at + 1 :]


def whole_script(label: str) -> Iterator[str]:
    """Every letter Cyrillic; nothing where one has no lookalike there. Digits and hyphens stay.

    With the nearest letter for each, then with each other choice for one letter.

    >>> next(whole_script("acer")) if "r" in _foreign("CYRILLIC") else "none"
    'асег'
    """
    letters = _foreign("CYRILLIC")
    choices = [letters.get(letter, ()) if letter.isalpha() else (letter,) for letter in label]
    if not all(choices) or not any(letter.isalpha() for letter in label):
        return
    nearest = [options[0] for options in choices]
    yield "".join(nearest)
    for letter in dict.fromkeys(label):
        for other in letters.get(letter, ())[1:]:
            yield "".join(
                other if letter == meant else char
                for meant, char in zip(label, nearest, strict=True)
            )
