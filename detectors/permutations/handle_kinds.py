"""The ways in which a handle is made that poses as a brand, and how much each is used.

`SHARES` orders handles of different kinds, as `kinds.SHARES` does for domains: the share of a kind
is divided among its handles. Two things were weighed. Of 356 handles that lived on X among those
that a study tried for nine brands (USENIX Security 2024, artifact), 55 % had one letter more, 28 %
one digit, 6.5 % a word, 4.5 % a word behind "_", 3.9 % "_" for a letter, 2 % "_" at the end. But it
tried one slip or one word and nothing else, at most fifty of each for a brand, and most short
handles belong to somebody who means nothing by it; so the words that case reports name (support
before all) got as much as slips of one character, and the rest stands for what it did not try.
May import: nothing of ours.
"""

from __future__ import annotations

from enum import StrEnum


class HandleKind(StrEnum):
    """How a handle departs from the brand's name."""

    NAMESAKE = "namesake"  #: the name, where the brand has no account
    SEPARATOR = "separator-inside"  #: between its words, or all its letters
    EDGE_SEPARATOR = "edge-separator"  #: "acmebank_", "__acmebank__"
    LETTER = "letter-more"  #: one at the end or the beginning
    DIGIT = "digit-more"
    TAIL = "number-tail"  #: 24, 247, 365, a year
    OMISSION = "omission"
    TRANSPOSITION = "transposition"
    REPETITION = "repetition"
    REPLACEMENT = "replacement"  #: a key beside the right one
    LETTER_TO_SEPARATOR = "letter-to-separator"  #: "ac_ebank"
    LEET = "leet"  #: digits that look like letters
    HOMOGLYPH = "homoglyph"  #: i for l, rn for m
    SUPPORT = "support"  #: with a word of help
    AUTHORITY = "authority"  #: with a word that claims to be the real one
    MONEY = "money"
    WORK = "work"
    ACCESS = "access"
    PRODUCT = "product"  #: app, shop, wallet; a domain without its dot
    VERB = "verb"  #: "getacmebank"
    PLACE = "place"
    PLURAL = "plural"
    TRUNCATED = "truncated"  #: a word too long for the platform, cut


SHARES = {
    HandleKind.NAMESAKE: 0.04,
    HandleKind.SEPARATOR: 0.03,
    HandleKind.EDGE_SEPARATOR: 0.03,
    HandleKind.LETTER: 0.19,
    HandleKind.DIGIT: 0.1,
    HandleKind.TAIL: 0.035,
    HandleKind.OMISSION: 0.015,
    HandleKind.TRANSPOSITION: 0.015,
    HandleKind.REPETITION: 0.015,
    HandleKind.REPLACEMENT: 0.02,
    HandleKind.LETTER_TO_SEPARATOR: 0.02,
    HandleKind.LEET: 0.02,
    HandleKind.HOMOGLYPH: 0.02,
    HandleKind.SUPPORT: 0.15,
    HandleKind.AUTHORITY: 0.09,
    HandleKind.MONEY: 0.07,
    HandleKind.WORK: 0.03,
    HandleKind.ACCESS: 0.02,
    HandleKind.PRODUCT: 0.035,
    HandleKind.VERB: 0.015,
    HandleKind.PLACE: 0.02,
    HandleKind.PLURAL: 0.01,
    HandleKind.TRUNCATED: 0.01,
}

#: Of a handle that departs by one character little is left of a name shorter than this: whoever
#: has it means nothing by it.
SHORTEST_FOR_SLIPS = 5
#: Made of shorter names, too.
SAFE_FOR_SHORT = frozenset(HandleKind) - {
    HandleKind.LETTER,
    HandleKind.OMISSION,
    HandleKind.TRANSPOSITION,
    HandleKind.REPETITION,
    HandleKind.REPLACEMENT,
    HandleKind.LETTER_TO_SEPARATOR,
    HandleKind.HOMOGLYPH,
}
