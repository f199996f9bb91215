"""Slips of hand, eye, ear and memory: every way in which one word turns into a near one.

Each function takes a lower-case ASCII word and gives all its variants, in a fixed order and
each once; none equals the word. The caller chooses among them.
May import: the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from string import ascii_lowercase
from typing import Final

_QWERTY: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_AZERTY: Final = ("azertyuiop", "qsdfghjklm", "wxcvbn")
_QWERTZ: Final = ("qwertzuiop", "asdfghjkl", "yxcvbnm")
_VOWELS: Final = "aeiou"
#: Said alike by Dutch and German speakers.
_SOUNDS: Final = (("w", "v"), ("d", "t"), ("au", "ou"), ("ei", "ij"), ("c", "k"))


def _variants(word: str, made: Iterable[str]) -> list[str]:
    return [variant for variant in dict.fromkeys(made) if variant and variant != word]


def omission(word: str) -> list[str]:
    """One letter left out."""
    return _variants(word, (word[:at] + word[at + 1 :] for at in range(len(word))))


def insertion(word: str) -> list[str]:
    """One letter too many, ends included."""
    places = range(len(word) + 1)
    return _variants(word, (word[:at] + c + word[at:] for at in places for c in ascii_lowercase))


def repetition(word: str) -> list[str]:
    """One letter twice."""
    return _variants(word, (word[: at + 1] + word[at:] for at in range(len(word))))


def transposition(word: str) -> list[str]:
    """Two neighbours swapped: one edit by OSA, two by Levenshtein."""
    places = range(len(word) - 1)
    return _variants(word, (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places))


def replacement(word: str) -> list[str]:
    """One letter for any other."""
    places = range(len(word))
    return _variants(
        word, (word[:at] + c + word[at + 1 :] for at in places for c in ascii_lowercase)
    )


def qwerty_neighbour(word: str) -> list[str]:
    """The key beside it, on the layout of most countries."""
    return _neighbours(word, _QWERTY)


def azerty_neighbour(word: str) -> list[str]:
    """The key beside it, on the layout of Belgium and France."""
    return _neighbours(word, _AZERTY)


def qwertz_neighbour(word: str) -> list[str]:
    """The key beside it, on the layout of Germany."""
    return _neighbours(word, _QWERTZ)


def _neighbours(word: str, rows: tuple[str, ...]) -> list[str]:
    beside: dict[str, str] = {}
    for row in rows:
        for left, right in pairwise(row):
            beside[left] = beside.get(left, "") + right
            beside[right] = beside.get(right, "") + left
    return _variants(
        word,
        (
            word[:at] + near + word[at + 1 :]
            for at, letter in enumerate(word)
            for near in beside.get(letter, "")
        ),
    )


def vowel_swap(word: str) -> list[str]:
    """One vowel for another."""
    return _variants(
        word,
        (
            word[:at] + vowel + word[at + 1 :]
            for at, letter in enumerate(word)
            if letter in _VOWELS
            for vowel in _VOWELS
        ),
    )


def plural(word: str) -> list[str]:
    """The plural, in English and Dutch."""
    return _variants(word, (word + "s", word + "en"))


def homophone(word: str) -> list[str]:
    """One sound written otherwise."""
    swaps = [*_SOUNDS, *((right, left) for left, right in _SOUNDS)]
    return _variants(word, (word.replace(heard, written, 1) for heard, written in swaps))


def bitsquat(word: str) -> list[str]:
    """One bit of one letter flipped on the way, where a letter or digit comes of it."""
    made = (
        word[:at] + chr(ord(letter) ^ 1 << bit) + word[at + 1 :]
        for at, letter in enumerate(word)
        for bit in range(8)
    )
    return [
        variant
        for variant in _variants(word, made)
        if variant.isascii() and variant.isalnum() and variant == variant.lower()
    ]


#: By the name that stands in labels.csv.
EDITS: Final[dict[str, Callable[[str], list[str]]]] = {
    "omission": omission,
    "insertion": insertion,
    "repetition": repetition,
    "transposition": transposition,
    "replacement": replacement,
    "keyboard neighbour (qwerty)": qwerty_neighbour,
    "keyboard neighbour (azerty)": azerty_neighbour,
    "keyboard neighbour (qwertz)": qwertz_neighbour,
    "vowel swap": vowel_swap,
    "plural": plural,
    "homophone": homophone,
    "bitsquat": bitsquat,
}
