"""The ways in which a name is made, in the field's words, and how much each is used.

`SHARES` says which part of the registered lookalikes of a brand is of a kind. Divided among the
names of that kind, it orders names of different kinds: there are six omissions of a name and
thousands of combinations with lure words, so one omission is asked long before most of those,
although combinations are the commonest abuse. Sums of classes: SquatPhi (IMC 2018), 657,000 names
of 702 brands: combinations 56 %, typing errors 25 %, flipped bits 7 %, other suffixes 6 %,
homographs 5 %. How a class is divided among its kinds is ours: no source says it.
May import: nothing of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a name departs from the brand's. Some are words of `detectors.names` too."""

    OMISSION = "omission"  #: a letter left out
    TRANSPOSITION = "transposition"  #: two letters in the other order
    REPETITION = "repetition"  #: a letter twice
    REPLACEMENT = "replacement"  #: a key beside the right one
    INSERTION = "insertion"  #: a key beside the right one, hit as well
    ADDITION = "addition"  #: one more letter or digit at the end
    VOWEL_SWAP = "vowel-swap"  #: another vowel
    PLURAL = "plural"  #: with or without an s
    HYPHEN_INSIDE = "hyphen-inside"  #: "ac-me", and without a hyphen that is there
    DOT_INSIDE = "dot-inside"  #: "ac.me": a sub-label of a shorter domain
    HOMOGLYPH = "homoglyph"  #: looks alike in ASCII: rn/m, vv/w, cl/d, 0/o, 1/l
    HOMOGLYPH_TWICE = "homoglyph-twice"  #: two of these at once
    IDN_HOMOGRAPH = "idn-homograph"  #: a Latin letter beyond ASCII in place of one
    WHOLE_SCRIPT = "whole-script"  #: every letter of another script
    MIXED_SCRIPT = "mixed-script"  #: one letter of another script; few registries sell it
    BITSQUAT = "bitsquat"  #: one bit of one letter
    WWW_GLUED = "www-glued"  #: the dot behind www forgotten
    JOINED_SUFFIX = "joined-suffix"  #: the suffix as part of the name: "acmecom.nl"
    OTHER_SUFFIX = "other-suffix"  #: the same name elsewhere
    LURE = "lure"  #: with a word that lures beside it


@dataclass(frozen=True, slots=True)
class Share:
    """How much a kind is used, and why that is thought."""

    of_names: float  #: of the registered lookalikes of a brand, 0..1
    reason: str


SHARES = {
    Kind.OMISSION: Share(0.045, "the commonest slip of a hand, and the oldest squat"),
    Kind.TRANSPOSITION: Share(0.035, "two hands out of step"),
    Kind.REPETITION: Share(0.03, "a key held too long, hardly seen in a line"),
    Kind.REPLACEMENT: Share(0.05, "a finger on the next key"),
    Kind.INSERTION: Share(0.03, "a finger on two keys"),
    Kind.ADDITION: Share(0.015, "few endings are typed by accident"),
    Kind.VOWEL_SWAP: Share(0.02, "spelled as it sounds"),
    Kind.PLURAL: Share(0.015, "remembered wrongly"),
    Kind.HYPHEN_INSIDE: Share(0.02, "read as two words"),
    Kind.DOT_INSIDE: Share(0.005, "needs the shorter domain, and shows its own"),
    Kind.HOMOGLYPH: Share(0.02, "cheap, sold everywhere, read as the brand"),
    Kind.HOMOGLYPH_TWICE: Share(0.003, "as above, but the second adds little"),
    Kind.IDN_HOMOGRAPH: Share(0.02, "most homographs found in zones are of Latin letters"),
    Kind.WHOLE_SCRIPT: Share(0.006, "what browsers show undisguised"),
    Kind.MIXED_SCRIPT: Share(0.001, "refused by the large registries"),
    Kind.BITSQUAT: Share(0.02, "many coincide with typing errors, few are meant"),
    Kind.WWW_GLUED: Share(0.01, "a forgotten dot, and trusted in a link"),
    Kind.JOINED_SUFFIX: Share(0.02, "reads as the brand's own address"),
    Kind.OTHER_SUFFIX: Share(0.07, "the brand itself; often a namesake"),
    Kind.LURE: Share(0.56, "the commonest abuse, over thousands of words"),
}

#: All of them, in the order in which a name that several make is called after one.
KINDS = tuple(Kind)
