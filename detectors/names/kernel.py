"""The scan: every place in millions of names where a form stands within its rule.

Compiled, without the interpreter's lock; reads the text column as bytes and writes columns.
A name is scanned as it stands and, only when it has what that reading changes, with letter
pairs merged, joined without its separators, and with digits read in their second way. Spans
always tell where the term stands in the text as written.
May import: detectors.compiling, detectors.names (anchors, found, joined, osa, probing,
rereading, sightings, standing).
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False
# mypy: disallow-untyped-calls=False, disable-error-code="assignment"

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.compiling import compiled, inlined
from detectors.names.anchors import (
    ANYWHERE,
    ASK_AT,
    DIGIT,
    EDITS_AT,
    FORM_AT,
    LONGEST_FORM,
    LONGEST_WORD,
    MERGED,
    NEAR,
    NEAR_ONE,
    PLAIN,
    PLAIN_OF_PAIRED,
    PREFIX,
    READINGS_AT,
    SECOND_DIGITS,
    SIZE_AT,
    AnchorTables,
    alphabet,
)  # fmt: skip
from detectors.names.found import DIGITS, PAIRS, room_for, tell
from detectors.names.joined import scan_joined
from detectors.names.osa import MATRIX, best_span, edits_of_word, least_edits_inside
from detectors.names.probing import (
    FIVE_CODES,
    count_grams_of,
    entries_of,
    fold_and_probe,
    gram_key,
    ones,
    probe_word,
)  # fmt: skip
from detectors.names.rereading import merge_pairs, turn_digits
from detectors.names.sightings import Sightings, Texts
from detectors.names.standing import stands, within_one

#: Rows of output of one call at first; doubled when one text alone has more.
_CAPACITY = 1 << 16
_LETTERS = (1 << 29) - 1
_HIT_AT = np.uint64(32)


def scan(texts: Texts, tables: AnchorTables) -> Sightings:
    """Every text against every form, within the rules; threads may call it at once.

    Per text, form and word: all exact places, or the best one of those with the fewest edits
    (see `osa.best_span`). A place seen already is told again only if another reading needs fewer
    edits, and then in the place of the first. Where a rule for parts of words sees nothing in a
    word, the one for whole words may, marked TOKEN.
    Memory: the sightings, and some bytes a letter of the longest text.
    """
    longest = int((texts.end - texts.begin).max(initial=0))
    space = _space(longest)
    parts: list[list[npt.NDArray[Any]]] = []
    capacity, row = _CAPACITY, 0
    while row < len(texts.begin) or not parts:
        found = room_for(capacity, tables.n_terms)
        next_row, count = _scan_rows(
            texts.buffer, texts.begin, texts.end, row,
            np.empty(longest + 1, np.uint8),
            np.arange(longest + 1, dtype=np.int32),
            np.empty(longest + 1, np.int32),
            np.empty(longest + PREFIX, np.uint8),
            np.full(len(tables.size), -1, np.int64),
            np.full(len(tables.size), -1, np.int64),
            space, tables, found,
        )  # fmt: skip
        parts.append([column[:count] for column in found[:6]])
        if next_row == row:
            capacity *= 2
        row = next_row
    text, term, start, end, edits, reading = map(np.concatenate, zip(*parts, strict=True))
    return Sightings(text=text, term=term, start=start, end=end, edits=edits, reading=reading)


def count_grams(texts: Texts) -> npt.NDArray[np.uint32]:
    """How often each four codes in a row stand in the texts: `common` of `build_tables`."""
    counts = np.zeros(1 << 20, np.uint32)
    count_grams_of(texts.buffer, texts.begin, texts.end, alphabet().of_byte, counts)
    return counts


class _Space(NamedTuple):
    """Room for what is known of one text while it is scanned."""

    hits: npt.NDArray[np.uint64]  #: where a key ends << 32 | the five codes up to there
    ends: npt.NDArray[np.int64]  #: of words
    threes: npt.NDArray[np.uint64]
    fours: npt.NDArray[np.uint64]
    fives: npt.NDArray[np.uint64]
    keys: npt.NDArray[np.uint64]
    joined: npt.NDArray[np.uint8]  #: letters of words in a row
    prefix: npt.NDArray[np.uint64]  #: hashes of their beginnings
    masks: npt.NDArray[np.uint64]  #: all 0 but inside `osa`
    matrix: npt.NDArray[np.int64]


def _space(longest: int) -> _Space:
    # One more than can be filled, because what is no hit is written, too, and overwritten.
    return _Space(
        hits=np.empty(longest + 2, np.uint64),
        ends=np.empty(longest + 2, np.int64),
        threes=np.empty(10, np.uint64),
        fours=np.empty(15, np.uint64),
        fives=np.empty(21, np.uint64),
        keys=np.empty(10 + 15 + 21 + 1, np.uint64),
        joined=np.empty(LONGEST_FORM + 2, np.uint8),
        prefix=np.empty(LONGEST_FORM + 2, np.uint64),
        masks=np.zeros(32, np.uint64),
        matrix=np.empty(MATRIX, np.int64),
    )


@compiled
def _scan_rows(
    buffer, begin, end, first_row, changed, same, moved, codes, near_seen, word_seen, space,
    tables, found,
):  # fmt: skip
    """(row to go on with, sightings written): stops before the text for which space ran out."""
    # Numbers typed as the loops make them: of a literal, compiled code gets a version of its own.
    word = count = np.int64(0)
    for row in range(first_row, len(begin)):
        base = count
        start, size = begin[row], end[row] - begin[row]
        known, merged_size = np.int64(0), size
        for turn in range(3):
            text, first, read_size, origin = buffer, start, size, same
            if turn > 0:
                text, first, origin = changed, np.int64(0), moved
            if turn == 1:
                if merged_size == size:
                    continue
                read_size = merged_size
            elif turn == 2 and (
                not known & DIGIT or not turn_digits(buffer, start, size, changed, moved)
            ):
                continue
            n_hits, n_words, paired, seen = fold_and_probe(
                text, first, read_size, codes, tables.inside.bits, tables.alphabet, space
            )
            reading, flags = MERGED, PAIRS
            if turn == 0:
                known = seen
                if paired:
                    merged_size = merge_pairs(buffer, start, size, tables.alphabet, changed, moved)
                reading, flags = PLAIN if merged_size == size else PLAIN_OF_PAIRED, 0
            elif turn == 2:
                reading, flags = SECOND_DIGITS, DIGITS
            word, count = _scan_words(
                row, base, word, count, n_hits, n_words, reading, flags,
                codes, origin, tables, found, near_seen, word_seen, space,
            )  # fmt: skip
            if n_words > 1 and turn < 2:
                count = scan_joined(
                    row, base, count, read_size, reading, flags, codes, origin, tables, found,
                    space,
                )  # fmt: skip
        if count > len(found.text):
            return row, base
    return len(begin), count


@inlined
def _scan_words(
    row, base, word, count, n_hits, n_words, reading, flags,
    codes, origin, tables, found, near_seen, word_seen, space,
):  # fmt: skip
    """All words; (words seen so far, sightings so far)."""
    low = hit = np.int64(0)
    none = np.int64(0)
    for number in range(n_words):
        high = space.ends[number]
        length = high - low
        n_keys = 0
        if 0 < length <= LONGEST_WORD:
            n_keys = probe_word(codes, low, length, tables, space)
        n_inside = hit
        while n_inside < n_hits and np.int64(space.hits[n_inside] >> _HIT_AT) <= high:
            n_inside += 1
        if n_inside == hit and n_keys == 0 and len(tables.always) == 0:
            low = high + 1
            continue
        word += 1
        letters = np.int64(0)
        for place in range(np.uint64(low), np.uint64(high)):
            letters |= np.int64(1) << np.int64(codes[place]) - 1
        while hit < n_inside:
            at, gram = np.int64(space.hits[hit] >> _HIT_AT), space.hits[hit] & FIVE_CODES
            hit += 1
            for kind in range(3):
                key = gram_key(gram, kind)
                first, last = entries_of(tables.inside, key)
                for index in range(first, last):
                    entry = tables.inside.entry[index]
                    size, most = entry >> SIZE_AT & 63, entry >> EDITS_AT & 3
                    if size - most > length or not entry >> READINGS_AT & reading:
                        continue
                    form, ask = entry >> FORM_AT, entry >> ASK_AT & 7
                    if ask < NEAR:
                        begin = at - (entry & 63)
                        if stands(form, size, ask, begin, low, high, codes, tables.codes):
                            word_seen[form] = word
                            count = tell(
                                row, base, count, form, begin, begin + size, none, low, high, flags,
                                origin, tables, found,
                            )  # fmt: skip
                        continue
                    if near_seen[form] == word:
                        continue
                    if ask == NEAR_ONE:
                        if not within_one(
                            form, size, at, entry & 63, low, high, codes, tables.codes
                        ):
                            continue
                    elif ones(np.uint64(entry & _LETTERS & ~letters)) > most:
                        continue
                    near_seen[form] = word
                    edits = least_edits_inside(
                        tables.codes, form, size, codes, low, high, space.masks
                    )
                    if edits <= most:
                        word_seen[form] = word
                        count = _tell_inside(
                            row, base, count, form, edits, low, high, flags, codes, origin,
                            tables, found, space,
                        )  # fmt: skip
        for index in range(n_keys):
            first, last = entries_of(tables.words, space.keys[index])
            for at in range(first, last):
                entry = tables.words.entry[at]
                size, most = entry >> SIZE_AT & 63, entry >> EDITS_AT & 3
                if abs(size - length) > most or not entry >> READINGS_AT & reading:
                    continue
                wanted, form = entry & _LETTERS, entry >> FORM_AT
                if (
                    ones(np.uint64(wanted & ~letters)) <= most
                    and ones(np.uint64(letters & ~wanted)) <= most
                    and word_seen[form] != word
                ):
                    word_seen[form] = word
                    edits = edits_of_word(tables.codes, form, size, codes, low, high, space.masks)
                    if edits <= most:
                        count = tell(
                            row, base, count, form, low, high, edits, low, high, flags, origin,
                            tables, found,
                        )  # fmt: skip
        if len(tables.always) > 0 and length > 0:
            count = _try_always(
                row, base, count, word, low, high, reading, flags, codes, origin, tables, found,
                word_seen, space,
            )  # fmt: skip
        low = high + 1
    return word, count


@compiled
def _tell_inside(
    row, base, count, form, edits, low, high, flags, codes, origin, tables, found, space
):  # fmt: skip
    """All exact places in the word, or the best one of those with so many edits."""
    size = np.int64(tables.size[form])
    if edits > 0:
        begin, end = best_span(
            tables.codes, form, size, codes, low, high, edits, space.masks, space.matrix
        )
        return tell(
            row, base, count, form, begin, end, edits, low, high, flags, origin, tables, found
        )
    for begin in range(low, high - size + 1):
        if stands(form, size, np.int64(ANYWHERE), begin, low, high, codes, tables.codes):
            count = tell(
                row, base, count, form, begin, begin + size, edits, low, high, flags, origin,
                tables, found,
            )  # fmt: skip
    return count


@compiled
def _try_always(
    row, base, count, word, low, high, reading, flags, codes, origin, tables, found, word_seen,
    space,
):  # fmt: skip
    """Forms with a rule too wide for keys, one by one."""
    for at in range(len(tables.always)):
        form = np.int64(tables.always[at])
        if word_seen[form] == word or not tables.readings[form] & reading:
            continue
        size = np.int64(tables.size[form])
        inside, token = np.int64(tables.inside_edits[form]), np.int64(tables.token_edits[form])
        if inside >= 0 and high - low >= size - inside:
            edits = least_edits_inside(tables.codes, form, size, codes, low, high, space.masks)
            if edits <= inside:
                count = _tell_inside(
                    row, base, count, form, edits, low, high, flags, codes, origin, tables, found,
                    space,
                )  # fmt: skip
                continue
        if abs(size - (high - low)) <= token:
            edits = edits_of_word(tables.codes, form, size, codes, low, high, space.masks)
            if edits <= token:
                count = tell(
                    row, base, count, form, low, high, edits, low, high, flags, origin, tables,
                    found,
                )  # fmt: skip
    return count
