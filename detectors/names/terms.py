"""What to look for: a brand's names as folded terms, and how far each may be stretched.

How many edits a term tolerates depends on its length, because a short one lies within an edit
of ordinary words; calibration lowers what is still met too often. Rules and figures:
docs/explanation/matching.md.
May import: namaak.brands, detectors.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from detectors.folding import SHORTEST_TERM, letters_of, merge_pairs, shape
from detectors.lures import lexicon
from detectors.names.variants import variants
from detectors.suffixes import suffix_list
from detectors.words import word_frequency
from namaak.brands import Brand

#: Longest term the matcher looks for; a longer name is found by its first letters.
MAX_TERM = 60
#: Words that say nothing about who is meant; a name is also looked for without them.
_EMPTY_WORDS = frozenset({"the", "de", "het", "bv", "nv", "inc", "ltd", "llc", "gmbh", "plc", "sa",
                          "ag", "co", "corp", "company", "limited"})  # fmt: skip
_JOINING_WORDS = frozenset({"and", "en", "und", "et", "y", "of", "van", "von", "for"})
#: Of a name that ends so people say the rest.
_ADDRESS_ENDINGS = frozenset({"com", "net", "org", "nl", "be", "de", "fr", "es", "eu", "io", "co",
                              "uk", "at", "ch", "it", "shop", "app"})  # fmt: skip
#: What is left of a name without its generic words must name somebody: long enough, and no word
#: of daily speech (Zipf scale: 3.5 is met three times in a million words).
_SHORTEST_CORE = 5
_ORDINARY_ZIPF = 3.5
#: Classes of words that many firms of a trade have in their names.
_SHARED_CLASSES = frozenset({"industry"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How far a term may be stretched. -1: not looked for in that way."""

    token_edits: int  #: OSA edits when it is a whole word between separators
    inside_edits: int  #: OSA edits when it is any part of a word
    edge: bool  #: exactly, at the beginning or the end of a word


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One spelling of one brand to look for."""

    brand_id: str
    name: str  #: as the watch file has it
    raw: str  #: lower-case ASCII letters and digits
    written: str  #: the same in the name's own letters ("loréal"), lower case
    breaks: frozenset[int]  #: where in raw the name itself has a space or sign
    folded: str  #: one-to-one shape fold of raw
    merged: str | None  #: shape fold after pairs were merged; None when it has none
    person: bool  #: an executive: looked for in names people read, not in hosts
    common_word: bool
    variant: str  #: how it differs from the name as given ("word-order"); empty when it does not
    rule: Rule


def rule_for(length: int, *, common_word: bool, person: bool = False) -> Rule:
    """length: letters of the folded term. The most that is ever allowed.

    Lengths and edits come from counting hits per million ordinary labels for brands of every
    length: three letters occur inside 4 % of all names, twelve hardly ever by chance.
    """
    if person:
        # As whole words too: people write their names with a space.
        edits = 1 if length >= 10 else 0
        return Rule(token_edits=edits, inside_edits=edits, edge=False)
    if length <= 3:
        return Rule(token_edits=0, inside_edits=-1, edge=length == 3)
    if common_word:
        return Rule(token_edits=0, inside_edits=0, edge=False)
    if length <= 5:
        return Rule(token_edits=1, inside_edits=0, edge=False)
    if length <= 11:
        return Rule(token_edits=2, inside_edits=1, edge=False)
    return Rule(token_edits=2, inside_edits=2, edge=False)


def compile_terms(brands: Mapping[str, Brand]) -> tuple[Term, ...]:
    """Every spelling of every brand, each once per brand, in the order of the watch file.

    A name of fewer than two letters or digits gives no term: it would be everywhere.
    """
    terms: dict[tuple[str, str], Term] = {}
    for brand_id, brand in brands.items():
        ordinary = {found.raw for found in _spellings(brand.name)} if brand.common_word else set()
        marks = [mark.text for mark in brand.marks if mark.text and mark.kind != "figurative"]
        spellings = [(name, False) for name in dict.fromkeys((*brand.names, *marks))]
        spellings += [(person.name, True) for person in brand.executives]
        # As given first: what a variant spells too is no variant.
        found = [
            (spelling, name, person)
            for name, person in spellings
            for spelling in _spellings(name, person=person)
        ]
        for spelling, name, person in sorted(found, key=lambda one: one[0].variant != ""):
            common = spelling.raw in ordinary
            folded = shape(spelling.raw)
            merged = merge_pairs(spelling.raw)
            terms.setdefault(
                (brand_id, folded),
                Term(
                    brand_id=brand_id,
                    name=name,
                    raw=spelling.raw,
                    written=spelling.written,
                    breaks=spelling.breaks,
                    folded=folded,
                    merged=shape(merged[0]) if merged else None,
                    person=person,
                    common_word=common,
                    variant=spelling.variant,
                    rule=_rule_of(spelling, len(folded), common=common, person=person),
                ),
            )
    return tuple(terms.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spelling:
    raw: str
    written: str
    breaks: frozenset[int]
    variant: str


def _rule_of(spelling: _Spelling, length: int, *, common: bool, person: bool) -> Rule:
    rule = rule_for(length, common_word=common, person=person)
    if not spelling.variant or person:
        return rule
    # A variant is one step away already: stretched further it would be anybody's.
    return Rule(token_edits=0, inside_edits=0 if length > 3 else -1, edge=rule.edge)


def _spellings(name: str, *, person: bool = False) -> list[_Spelling]:
    """The name joined; without its empty and its generic words; and in other words' order etc."""
    found: dict[str, _Spelling] = {}

    def add(kept: Sequence[str], variant: str) -> None:
        read = [letters_of(word) for word in kept]
        raw = "".join(read)[:MAX_TERM]
        if len(raw) >= SHORTEST_TERM:
            breaks = frozenset(itertools.accumulate(map(len, read)))
            written = "".join(kept)[:MAX_TERM]
            found.setdefault(
                raw, _Spelling(raw=raw, written=written, breaks=breaks, variant=variant)
            )

    words = re.findall(r"\w+", name.replace("&", " and ").replace("_", " ").casefold())
    add(words, "")
    if label := _label_of(name):
        add([label], "")
    named = [word for word in words if word not in _EMPTY_WORDS]
    add(named, "")
    if person:
        return list(found.values())
    add([word for word in named if word not in _JOINING_WORDS], "")
    for core in _without_generic(named):
        add(core, "short-form")
    for spelled, kind in variants(tuple(filter(None, map(letters_of, named)))):
        add([spelled], kind)
    return list(found.values())


def _label_of(name: str) -> str:
    """Of a name that is an address ("bol.com") the registrable label; else nothing."""
    host = name.casefold()
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        return ""
    split = suffix_list().split(host)
    known = host[split.suffix :] in _ADDRESS_ENDINGS or "." in host[split.suffix :]
    return host[split.registrable : split.suffix - 1] if split.suffix and known else ""


def _without_generic(words: Sequence[str]) -> Iterator[list[str]]:
    core = [
        word for word in words if word not in _JOINING_WORDS and not is_generic(letters_of(word))
    ]
    joined = "".join(map(letters_of, core))
    shortened = len(core) < len(words) and len(joined) >= _SHORTEST_CORE
    if shortened and (len(core) > 1 or word_frequency(joined) < _ORDINARY_ZIPF):
        yield core


def is_generic(word: str) -> bool:
    """It says what a firm does or is, not which one."""
    words = lexicon()
    return word in words.generic or words.classes.get(word) in _SHARED_CLASSES
