"""Slips of the hand, the ear and the memory. Each takes a label and gives labels.

Some of what they give is the label itself or no label at all: the caller sorts that out.
May import: detectors.permutations.keyboards.
"""

from __future__ import annotations

import string
from collections.abc import Iterator

from detectors.permutations.keyboards import touching_keys

_VOWELS = "aeiou"


def omission(label: str) -> Iterator[str]:
    """
    >>> list(omission("abc"))
    ['bc', 'ac', 'ab']
    """
    for at in range(len(label)):
        yield label[:at] + label[at + 1 :]


def transposition(label: str) -> Iterator[str]:
    """
    >>> list(transposition("abc"))
    ['bac', 'acb']
    """
    for at in range(len(label) - 1):
        yield label[:at] + label[at + 1] + label[at] + label[at + 2 :]


def repetition(label: str) -> Iterator[str]:
    """
    >>> list(repetition("ab"))
    ['aab', 'abb']
    """
    for at, letter in enumerate(label):
        yield label[:at] + letter + label[at:]


def replacement(label: str) -> Iterator[str]:
    """A key that touches the right one on QWERTY, AZERTY or QWERTZ.

    >>> "acne" in set(replacement("acme")), "acpe" in set(replacement("acme"))
    (True, True)
    """
    for at, letter in enumerate(label):
        for key in touching_keys().get(letter, ()):
            yield label[:at] + key + label[at + 1 :]


def insertion(label: str) -> Iterator[str]:
    """A key that touches the right one, before or behind it.

    >>> "acmne" in set(insertion("acme"))
    True
    """
    for at, letter in enumerate(label):
        for key in touching_keys().get(letter, ()):
            yield label[:at] + key + label[at:]
            yield label[: at + 1] + key + label[at + 1 :]


def addition(label: str) -> Iterator[str]:
    """At the end of the label, or of a word of it.

    >>> "ab-cx" in set(addition("ab-c")), "abx-c" in set(addition("ab-c"))
    (True, True)
    """
    words = label.split("-")
    for count in range(len(words), 0, -1):
        before, behind = "-".join(words[:count]), "-".join(words[count:])
        for letter in string.digits + string.ascii_lowercase:
            yield before + letter + ("-" + behind if behind else "")


def vowel_swap(label: str) -> Iterator[str]:
    """
    >>> list(vowel_swap("ab"))
    ['eb', 'ib', 'ob', 'ub']
    """
    for at, letter in enumerate(label):
        if letter in _VOWELS:
            for vowel in _VOWELS.replace(letter, ""):
                yield label[:at] + vowel + label[at + 1 :]


def plural(label: str) -> Iterator[str]:
    """The end first; inside too, where a word of the name may end.

    >>> list(plural("boxers"))
    ['boxer', 'boxerses', 'boxesers', 'boxesrs']
    """
    if label.endswith("s"):
        yield label[:-1]
    for end in (len(label), *range(3, len(label) - 1)):
        yield label[:end] + ("es" if label[end - 1] in "sxz" else "s") + label[end:]


def bitsquat(label: str) -> Iterator[str]:
    """One bit flipped in memory on the way to the resolver (Dinaburg, 2011).

    >>> "cnn" in set(bitsquat("con")), "c.n" in set(bitsquat("con"))
    (True, False)
    """
    for at, letter in enumerate(label):
        for bit in range(8):
            flipped = chr(ord(letter) ^ 1 << bit)
            if flipped in _HOST_CHARACTERS:
                yield label[:at] + flipped + label[at + 1 :]


_HOST_CHARACTERS = frozenset(string.ascii_lowercase + string.digits + "-")
