"""The brand in what an account or app says of itself.

A text about itself is long, and mostly about other things. So it is first asked of the whole column
which texts can hold a name at all; in these the name is looked for as whole words, spelled as
it is, and only the words around it are read by the name detector. Edits are not looked for: a text
holds so many words that some are always one letter from a brand.
May import: namaak.records, detectors.folding, detectors.names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from detectors.folding import read_as_ascii
from detectors.names.matcher import NameMatcher
from detectors.names.matching import HIT_SCHEMA, match_names
from namaak.records import Field, Place, Resemblance

#: Code points of a text that are read: people see no more before they press "more".
MOST_READ = 500
#: Words of the text on either side that are read together with the name.
_BESIDE = 2
#: Words that a name is made of at most.
_MOST_WORDS = 5
#: Letters of a word beside the name; a longer one is no word.
_LONGEST_BESIDE = 30
#: Names in one pattern: beyond, compiling takes more memory than the library allows.
_IN_ONE = 250
#: Letters that are drawn like Latin ones, which a plain comparison does not see through.
_FOREIGN = r"[\p{Cyrillic}\p{Greek}\p{Armenian}\p{Cherokee}\p{Lisu}\p{Coptic}]"
#: Marks, and characters that take no room.
_UNSEEN = r"[\pM\p{Cf}\x{115F}\x{1160}\x{2800}\x{3164}\x{FFA0}]"
_WORD = re.compile(r"[a-z0-9]+")
_Said = tuple[str, str]  # the words around a name, and those of the name alone
_Around = tuple[int, str, _Said]  # row, brand_id


def match_bios(bios: pa.ChunkedArray, matcher: NameMatcher) -> pa.Table:
    """HIT_SCHEMA of a column of texts, nulls allowed; of each row and brand its first mention."""
    if bios.null_count == len(bios):
        return HIT_SCHEMA.empty_table()
    texts = pc.utf8_slice_codeunits(bios, 0, MOST_READ)
    names = _names(matcher)
    rows = pc.indices_nonzero(pc.fill_null(_may_hold(texts, names), False))
    found: list[_Around] = []
    for row, text in zip(rows.to_pylist(), texts.take(rows).to_pylist(), strict=True):
        found += ((row, brand, said) for brand, said in _mentions(text, names).items())
    hits = _read([(row, brand, around) for row, brand, (around, _) in found], matcher)
    # A sign or digit beside the name may make it read as a misspelling of itself: then alone.
    alone = [(row, brand, own) for row, brand, (_, own) in found if (row, brand) not in hits]
    hits |= _read(alone, matcher)
    return pa.Table.from_pylist([hits[pair] for pair in sorted(hits)], schema=HIT_SCHEMA)


def _read(
    found: Sequence[tuple[int, str, str]], matcher: NameMatcher
) -> dict[tuple[int, str], dict[str, object]]:
    """Row and brand to what the name detector says of the words there."""
    column = pa.array([words for _, _, words in found], pa.string())
    hits: dict[tuple[int, str], dict[str, object]] = {}
    for hit in match_names(column, Field.BIO, matcher).hits.to_pylist() if found else ():
        row, brand_id, _ = found[hit["row"]]
        if hit["brand_id"] == brand_id and _is_word(hit):
            hits[row, brand_id] = {**hit, "row": row}
    return hits


_MISSPELLED = (Resemblance.TYPOSQUAT, Resemblance.COMBO_TYPO)


def _is_word(hit: Mapping[str, object]) -> bool:
    return hit["place"] in (Place.WHOLE, Place.TOKEN) and hit["resemblance"] not in _MISSPELLED


def _names(matcher: NameMatcher) -> dict[str, tuple[str, ...]]:
    """Letters of each name to the brands that bear it. People are not looked for: whom a text
    mentions it does not pose as."""
    brands: dict[str, list[str]] = {}
    for term in matcher.terms:
        if not term.person:
            brands.setdefault(term.raw, []).append(term.brand_id)
    return {raw: tuple(dict.fromkeys(ids)) for raw, ids in brands.items()}


def _may_hold(texts: pa.ChunkedArray, names: Iterable[str]) -> pa.Array | pa.ChunkedArray:
    """Per text whether some name can stand in it as words.

    Marks, styles and what cannot be seen are taken off, as `_mentions` does in its own way; nothing
    that it would find is left out.
    """
    plain = pc.utf8_normalize(texts, form="NFKD")
    foreign = pc.match_substring_regex(plain, _FOREIGN)
    plain = pc.replace_substring_regex(plain, _UNSEEN, "")
    plain = pc.utf8_lower(pc.replace_substring_regex(plain, r"[^\pL\pN]+", " "))
    for pattern in _patterns(tuple(names)):
        foreign = pc.or_kleene(foreign, pc.match_substring_regex(plain, pattern))
    return foreign


@lru_cache(maxsize=4)
def _patterns(names: tuple[str, ...]) -> tuple[str, ...]:
    # Whoever writes a name puts blanks and signs between its letters where he likes.
    spelled = [" ?".join(name) for name in names]
    return tuple(
        f"(?:^| )(?:{'|'.join(spelled[start : start + _IN_ONE])})(?: |$)"
        for start in range(0, len(spelled), _IN_ONE)
    )


def _mentions(text: str, names: Mapping[str, tuple[str, ...]]) -> dict[str, _Said]:
    """brand_id to its first mention, as it was written."""
    reading = read_as_ascii(text)
    offsets = reading.offsets
    words = [(found.group(), found.start(), found.end()) for found in _WORD.finditer(reading.text)]
    mentions: dict[str, _Said] = {}
    for first in range(len(words)):
        letters = ""
        for last in range(first, min(first + _MOST_WORDS, len(words))):
            letters += words[last][0]
            for brand_id in names.get(letters, ()):
                if brand_id in mentions:
                    continue
                wide = words[_reach(words, first, -1)][1], words[_reach(words, last, +1)][2]
                own = words[first][1], words[last][2]
                mentions[brand_id] = _cut(text, wide, offsets), _cut(text, own, offsets)
    return mentions


def _cut(text: str, span: tuple[int, int], offsets: Sequence[int] | None) -> str:
    """span: of the reading, whose characters stand in the text where offsets say."""
    start, end = span
    return text[start:end] if offsets is None else text[offsets[start] : offsets[end - 1] + 1]


def _reach(words: Sequence[tuple[str, int, int]], at: int, step: int) -> int:
    """The place of the furthest word on one side that is read with the word at `at`."""
    for _ in range(_BESIDE):
        beside = at + step
        if not 0 <= beside < len(words) or len(words[beside][0]) > _LONGEST_BESIDE:
            break
        at = beside
    return at
