"""What to look for: a brand's names as folded terms, and how far each may be stretched.

How many edits a term tolerates depends on its length: a short one lies within an edit of
ordinary words. Rules and figures: docs/explanation/matching.md.
May import: namaak.brands, detectors.folding.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from detectors.folding import merge_pairs, read_as_ascii, shape
from namaak.brands import Brand

#: Longest term the matcher looks for; a longer name is found by its first letters.
MAX_TERM = 60
#: Words that say nothing about who is meant; a name is also looked for without them.
_EMPTY_WORDS = frozenset({"the", "de", "het", "bv", "nv", "inc", "ltd", "llc", "gmbh", "plc", "sa"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How far a term may be stretched. -1: not looked for in that place."""

    token_edits: int  #: OSA edits when it stands between separators
    inside_edits: int  #: OSA edits when it is part of a longer word
    needs_lure: bool  #: glued to other letters it counts only beside a lure word


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
    rule: Rule


def rule_for(length: int, *, common_word: bool, person: bool = False) -> Rule:
    """length: letters of the folded term.

    Lengths and edits come from counting hits per million ordinary labels for brands of every
    length: three letters occur inside 4 % of all names, nine or more hardly ever by chance.
    """
    if person:
        return Rule(token_edits=-1, inside_edits=1 if length >= 10 else 0, needs_lure=False)
    if length <= 2:
        return Rule(token_edits=0, inside_edits=-1, needs_lure=True)
    if common_word or length <= 4:
        return Rule(token_edits=0, inside_edits=0, needs_lure=True)
    if length <= 7:
        return Rule(token_edits=1, inside_edits=0, needs_lure=False)
    if length <= 9:
        return Rule(token_edits=1, inside_edits=1, needs_lure=False)
    if length <= 11:
        return Rule(token_edits=2, inside_edits=1, needs_lure=False)
    return Rule(token_edits=2, inside_edits=2, needs_lure=False)


def compile_terms(brands: Mapping[str, Brand]) -> tuple[Term, ...]:
    """Every spelling of every brand, each once per brand, in the order of the watch file.

    A name of fewer than two letters or digits gives no term: it would be everywhere.
    """
    terms: dict[tuple[str, str], Term] = {}
    for brand_id, brand in brands.items():
        ordinary = {raw for raw, _, _ in _spellings(brand.name)} if brand.common_word else set()
        spellings = [(name, False) for name in brand.names]
        spellings += [(person.name, True) for person in brand.executives]
        for name, person in spellings:
            for raw, written, breaks in _spellings(name):
                common = raw in ordinary
                folded = shape(raw)
                merged = merge_pairs(raw)
                terms.setdefault(
                    (brand_id, folded),
                    Term(
                        brand_id=brand_id,
                        name=name,
                        raw=raw,
                        written=written,
                        breaks=breaks,
                        folded=folded,
                        merged=shape(merged[0]) if merged else None,
                        person=person,
                        common_word=common,
                        rule=rule_for(len(folded), common_word=common, person=person),
                    ),
                )
    return tuple(terms.values())


def _spellings(name: str) -> list[tuple[str, str, frozenset[int]]]:
    """(raw, written, breaks): the name joined, and joined without its empty words."""
    found: dict[str, tuple[str, frozenset[int]]] = {}
    words = re.findall(r"\w+", name.replace("&", " and ").replace("_", " ").casefold())
    for kept in (words, [word for word in words if word not in _EMPTY_WORDS]):
        read = [re.sub(r"[^a-z0-9]", "", read_as_ascii(word).text) for word in kept]
        raw = "".join(read)[:MAX_TERM]
        breaks = frozenset(itertools.accumulate(map(len, read)))
        if len(raw) >= 2:
            found.setdefault(raw, ("".join(kept)[:MAX_TERM], breaks))
    return [(raw, written, breaks) for raw, (written, breaks) in found.items()]
