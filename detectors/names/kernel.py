"""The scan: every place in millions of names where a form stands within its rule.

Compiled, without the interpreter's lock; reads the text column as bytes and writes columns.
A name is scanned as it stands and, only when it has what that reading changes, with letter
pairs merged, joined without its separators, and with digits read in their second way. Spans
always tell where the term stands in the text as written.
May import: detectors.names (anchors, osa, sightings), detectors.folding.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from detectors.names.anchors import (
    ANYWHERE, ASK_AT, AT_END, AT_START, CODES, EARLY_GAP, EDITS_AT, FIVE, FIVE_FACTOR, FORM_AT,
    HASH_FACTOR, LATE_GAP, LONGEST_FORM, LONGEST_WORD, MERGED, NEAR, NEAR_ONE, PLAIN, PLAIN_OF_PAIRED,
    PREFIX, READINGS_AT, SECOND_DIGITS, SIZE_AT, THREE, THREES, WHOLE, AnchorTables,
)  # fmt: skip
from detectors.names.osa import MATRIX, best_span, edits_of_word, least_edits_inside
from detectors.names.sightings import ReadingFlag, Sightings, Texts

#: Rows of output of one call at first; doubled when one text alone has more.
_CAPACITY = 1 << 16
#: Two letters with a separator between them are no name.
_SHORTEST_JOINED = 3

_PAIRS, _JOINED, _DIGITS, _TOKEN = (int(flag) for flag in ReadingFlag)
_THREES = np.array(THREES, dtype=np.int64)
_U1, _U5, _U6, _U10, _U15, _U20, _U31, _U32, _U44, _U63 = (
    np.uint64(number) for number in (1, 5, 6, 10, 15, 20, 31, 32, 44, 63)
)
_THREE_CODES, _FOUR_CODES, _FIVE_CODES = (np.uint64((1 << 5 * n) - 1) for n in (3, 4, 5))
_LATE, _EARLY, _THREE, _FIVE = (
    np.uint64(kind) for kind in (LATE_GAP, EARLY_GAP, THREE, FIVE)
)
_FIVE_FACTOR = np.uint64(FIVE_FACTOR)
_LETTERS = (1 << 29) - 1
_FACTOR = np.uint64(HASH_FACTOR)
_compiled = njit(cache=True, nogil=True, error_model="numpy", _nrt=False)
_inlined = njit(cache=True, nogil=True, error_model="numpy", _nrt=False, forceinline=True)

# Beside the code of a byte, what is worth knowing of it: found by one look-up a byte.
_SEPARATOR, _DIGIT, _PAIR = 32, 64, 128
_BYTES = CODES.astype(np.uint16)
_BYTES[CODES == 0] |= _SEPARATOR
for _byte in b"679":
    _BYTES[_byte] |= _DIGIT
#: By the codes of two neighbours: they may be a pair. "ci" has the shape of "cl", so this is
#: only the question whether to look closely.
_MAYBE_PAIR = np.zeros(1024, dtype=np.uint16)
for _pair in (b"rn", b"vv", b"cl", b"nn"):
    _MAYBE_PAIR[int(CODES[_pair[0]]) << 5 | int(CODES[_pair[1]])] = _PAIR


class _Found(NamedTuple):
    """Columns being filled; `earlier` chains the sightings of one term in one text."""

    text: npt.NDArray[np.int64]
    term: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    edits: npt.NDArray[np.uint8]
    reading: npt.NDArray[np.uint8]
    earlier: npt.NDArray[np.int64]
    latest: npt.NDArray[np.int64]  # per term


class _Space(NamedTuple):
    """Room for what is known of one text while it is scanned."""

    hits: npt.NDArray[np.uint64]  #: where a key ends << 32 | the five codes up to there
    ends: npt.NDArray[np.int64]  #: of words
    threes: npt.NDArray[np.uint64]
    fours: npt.NDArray[np.uint64]
    keys: npt.NDArray[np.uint64]
    masks: npt.NDArray[np.uint64]  #: all 0 but inside `osa`
    matrix: npt.NDArray[np.int64]


def _space(longest: int) -> _Space:
    # One more than can be filled, because what is no hit is written, too, and overwritten.
    return _Space(
        hits=np.empty(longest + 2, np.uint64),
        ends=np.empty(longest + 2, np.int64),
        threes=np.empty(len(THREES), np.uint64),
        fours=np.empty(15, np.uint64),
        keys=np.empty(10 + 15 + 21 + 1, np.uint64),
        masks=np.zeros(32, np.uint64),
        matrix=np.empty(MATRIX, np.int64),
    )


def scan(texts: Texts, tables: AnchorTables) -> Sightings:
    """Every text against every form, within the rules; threads may call it at once.

    Per text, form and word: all exact places, or the best one of those with the fewest edits
    (see `osa.best_span`). A place seen already is not told again for another reading. Where a
    rule for parts of words sees nothing in a word, the one for whole words may, marked TOKEN.
    Memory: the sightings, and some bytes a letter of the longest text.
    """
    longest = int((texts.end - texts.begin).max(initial=0))
    parts: list[tuple[npt.NDArray[np.generic], ...]] = []
    capacity, row = _CAPACITY, 0
    while row < len(texts.begin):
        found = _Found(
            text=np.empty(capacity, np.int64),
            term=np.empty(capacity, np.int32),
            start=np.empty(capacity, np.int32),
            end=np.empty(capacity, np.int32),
            edits=np.empty(capacity, np.uint8),
            reading=np.empty(capacity, np.uint8),
            earlier=np.empty(capacity, np.int64),
            latest=np.full(tables.n_terms, -1, np.int64),
        )
        next_row, count = _scan_rows(
            texts.buffer, texts.begin, texts.end, row,
            np.empty(longest + 1, np.uint8),
            np.arange(longest + 1, dtype=np.int32),
            np.empty(longest + 1, np.int32),
            np.empty(longest + PREFIX, np.uint8),
            np.full(len(tables.size), -1, np.int64),
            np.full(len(tables.size), -1, np.int64),
            _space(longest),
            tables, found,
        )
        parts.append(tuple(column[:count] for column in found[:6]))
        if next_row == row:
            capacity *= 2
        row = next_row
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)] if parts else [
        np.empty(0, kind) for kind in (np.int64, np.int32, np.int32, np.int32, np.uint8, np.uint8)
    ]
    return Sightings(
        text=columns[0], term=columns[1], start=columns[2], end=columns[3], edits=columns[4],
        reading=columns[5],
    )  # fmt: skip


def count_grams(texts: Texts) -> npt.NDArray[np.uint32]:
    """How often each four codes in a row stand in the texts: `common` of `build_tables`."""
    counts = np.zeros(1 << 20, np.uint32)
    _count_grams(texts.buffer, texts.begin, texts.end, counts)
    return counts


@_compiled
def _count_grams(buffer, begin, end, counts):
    for row in range(len(begin)):
        gram = np.uint64(0)
        for place in range(begin[row], end[row] + 1):
            code = np.uint64(0)
            if place < end[row]:
                code = np.uint64(_BYTES[buffer[place]]) & _U31
            gram = (gram << _U5 | code) & _FOUR_CODES
            counts[gram] += np.uint32(1)
            if code == 0:
                gram = np.uint64(0)


@_compiled
def _scan_rows(
    buffer, begin, end, first_row, changed, same, moved, codes, near_seen, word_seen, space,
    tables, found,
):  # fmt: skip
    """(row to go on with, sightings written): stops before the text for which space ran out."""
    word = count = 0
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
                not known & _DIGIT or not _turn_digits(buffer, start, size, changed, moved)
            ):
                continue
            n_hits, n_words, seen = _fold_and_probe(
                text, first, read_size, codes, tables.inside.bits, space
            )
            reading, flags = MERGED, _PAIRS
            if turn == 0:
                known = seen
                if known & _PAIR:
                    merged_size = _merge_pairs(buffer, start, size, changed, moved)
                reading, flags = PLAIN if merged_size == size else PLAIN_OF_PAIRED, 0
            elif turn == 2:
                reading, flags = SECOND_DIGITS, _DIGITS
            word, count = _scan_words(
                row, base, word, count, n_hits, n_words, reading, flags,
                codes, origin, tables, found, near_seen, word_seen, space,
            )  # fmt: skip
            if n_words > 1 and turn < 2:
                count = _scan_joined(
                    row, base, count, read_size, reading, flags, codes, origin, tables, found
                )
        if count > len(found.text):
            return row, base
    return len(begin), count


@_inlined
def _fold_and_probe(text, first, size, codes, bits, space):
    """(hits, words, what is known of the bytes): where keys and words end.

    Hits are written without a branch, because which letters end a key is hard to foresee.
    """
    n_hits = n_words = 0
    gram, known, before = np.uint64(0), np.int64(0), np.int64(0)
    for place in range(size):
        about = np.int64(_BYTES[text[first + place]])
        code = about & 31
        codes[place] = code
        known |= about | np.int64(_MAYBE_PAIR[before << 5 | code])
        before = code
        gram = (gram << _U5 | np.uint64(code)) & _FIVE_CODES
        space.hits[n_hits] = np.uint64(place) << _U32 | gram
        n_hits += _is_key(gram, bits)
        if code == 0:
            space.ends[n_words] = place
            n_words += 1
            gram = np.uint64(0)
    # The separator behind the last word, and as many as a look at first letters may pass.
    for place in range(size, size + PREFIX):
        codes[place] = 0
    gram = (gram << _U5) & _FIVE_CODES
    space.hits[n_hits] = np.uint64(size) << _U32 | gram
    n_hits += _is_key(gram, bits)
    space.ends[n_words] = size
    return n_hits, n_words + 1, known


@_inlined
def _is_key(gram, bits):
    """1 if the last codes are a key of some kind, else 0."""
    row, late, early = _gram_key(gram, 0), _gram_key(gram, 1), _gram_key(gram, 2)
    return np.int64(
        (
            bits[row >> _U6] >> (row & _U63)
            | bits[late >> _U6] >> (late & _U63)
            | bits[early >> _U6] >> (early & _U63)
        )
        & _U1
    )


@_inlined
def _scan_words(
    row, base, word, count, n_hits, n_words, reading, flags,
    codes, origin, tables, found, near_seen, word_seen, space,
):  # fmt: skip
    """All words; (words seen so far, sightings so far)."""
    low = hit = 0
    for number in range(n_words):
        high = space.ends[number]
        length = high - low
        n_keys = 0
        if 0 < length <= LONGEST_WORD:
            n_keys = _probe_word(codes, low, length, tables, space)
        n_inside = hit
        while n_inside < n_hits and np.int64(space.hits[n_inside] >> _U32) <= high:
            n_inside += 1
        if n_inside == hit and n_keys == 0 and len(tables.always) == 0:
            low = high + 1
            continue
        word += 1
        letters = np.int64(0)
        for place in range(low, high):
            letters |= np.int64(1) << np.int64(codes[place]) - 1
        while hit < n_inside:
            at, gram = np.int64(space.hits[hit] >> _U32), space.hits[hit] & _FIVE_CODES
            hit += 1
            for kind in range(3):
                key = _gram_key(gram, kind)
                first, last = _entries(tables.inside, key)
                for index in range(first, last):
                    entry = tables.inside.entry[index]
                    size, most = entry >> SIZE_AT & 63, entry >> EDITS_AT & 3
                    if size - most > length or not entry >> READINGS_AT & reading:
                        continue
                    form, ask = entry >> FORM_AT, entry >> ASK_AT & 7
                    if ask < NEAR:
                        begin = at - (entry & 63)
                        if _stands(form, size, ask, begin, low, high, codes, tables.codes):
                            word_seen[form] = word
                            count = _tell(
                                row, base, count, form, begin, begin + size, 0, low, high, flags,
                                origin, tables, found,
                            )  # fmt: skip
                        continue
                    if near_seen[form] == word:
                        continue
                    if ask == NEAR_ONE:
                        if not _within_one(
                            form, size, at, entry & 63, low, high, codes, tables.codes
                        ):
                            continue
                    elif _ones(np.uint64(entry & _LETTERS & ~letters)) > most:
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
            first, last = _entries(tables.words, space.keys[index])
            for at in range(first, last):
                entry = tables.words.entry[at]
                size, most = entry >> SIZE_AT & 63, entry >> EDITS_AT & 3
                if abs(size - length) > most or not entry >> READINGS_AT & reading:
                    continue
                wanted, form = entry & _LETTERS, entry >> FORM_AT
                if (
                    _ones(np.uint64(wanted & ~letters)) <= most
                    and _ones(np.uint64(letters & ~wanted)) <= most
                    and word_seen[form] != word
                ):
                    word_seen[form] = word
                    edits = edits_of_word(tables.codes, form, size, codes, low, high, space.masks)
                    if edits <= most:
                        count = _tell(
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


@_inlined
def _gram_key(gram, kind):
    """Of the last five codes: the last four, or all but the last but one, or all but the second."""
    if kind == 0:
        return gram & _FOUR_CODES
    if kind == 1:
        return _LATE ^ (gram >> _U10 << _U5 | gram & _U31)
    return _EARLY ^ (gram >> _U20 << _U15 | gram & _THREE_CODES)


@_inlined
def _probe_word(codes, low, length, tables, space):
    """How many keys of the word's first letters exist; they are in space.keys."""
    n_fives, n_fours = tables.n_keys[length, 5], tables.n_keys[length, 4]
    n_threes = tables.n_keys[length, 3]
    if n_fives + n_fours + n_threes == 0:
        return 0
    bits, threes, fours, keys = tables.words.bits, space.threes, space.fours, space.keys
    for number in range(len(_THREES)):
        threes[number] = (
            np.uint64(codes[low + _THREES[number, 0]]) << _U10
            | np.uint64(codes[low + _THREES[number, 1]]) << _U5
            | np.uint64(codes[low + _THREES[number, 2]])
        )
    for number in range(n_threes):
        keys[number] = _THREE ^ threes[number]
    # Keys of more codes are those of fewer, which all stand before the last one.
    fours[0] = threes[0] << _U5 | np.uint64(codes[low + 3])
    for number in range(4):
        fours[1 + number] = threes[number] << _U5 | np.uint64(codes[low + 4])
    for number in range(10):
        fours[5 + number] = threes[number] << _U5 | np.uint64(codes[low + 5])
    for number in range(n_fours):
        keys[n_threes + number] = fours[number]
    first = n_threes + n_fours
    if n_fives > 0:
        keys[first] = _five(fours[0], codes[low + 4])
    if n_fives > 1:
        for number in range(5):
            keys[first + 1 + number] = _five(fours[number], codes[low + 5])
    if n_fives > 6:
        for number in range(15):
            keys[first + 6 + number] = _five(fours[number], codes[low + 6])
    asked = first + n_fives
    some = np.uint64(0)
    for number in range(asked):
        some |= bits[keys[number] >> _U6] >> (keys[number] & _U63)
    n_keys = 0
    if some & _U1:
        for number in range(asked):
            key = keys[number]
            keys[n_keys] = key
            n_keys += np.int64(bits[key >> _U6] >> (key & _U63) & _U1)
    return n_keys


@_inlined
def _five(four, code):
    return _FIVE ^ ((four << _U5 | np.uint64(code)) * _FIVE_FACTOR >> _U44)


@_inlined
def _entries(table, key):
    """(first, end) of the entries of a key; none for a key that no form has."""
    bits = table.bits[key >> _U6]
    bit = key & _U63
    if (bits >> bit) & _U1 == 0:
        return np.int32(0), np.int32(0)
    ranked = table.rank[key >> _U6] + _ones(bits & ((_U1 << bit) - _U1))
    return table.first[ranked], table.first[ranked + 1]


@_inlined
def _ones(word):
    """Bits set; the compiler knows this for one instruction."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@_inlined
def _stands(form, size, ask, begin, low, high, codes, forms):
    """Whether the form stands at `begin` letter by letter, in the part of the word asked for."""
    if begin < low or begin + size > high:
        return False
    if (ask == AT_START or ask == WHOLE) and begin != low:
        return False
    if (ask == AT_END or ask == WHOLE) and begin + size != high:
        return False
    for letter in range(size):
        if codes[begin + letter] != forms[form, letter]:
            return False
    return True


@_inlined
def _within_one(form, size, at, back, low, high, codes, forms):
    """Whether the form stands with one edit at most where its letter `back` stands at `at`.

    The four letters up to there are known to stand. An edit can always be thought where the
    letters first differ.
    """
    right, left = back + 1, back - 4
    start = at - back
    while right < size and start + right < high and codes[start + right] == forms[form, right]:
        right += 1
    while left >= 0 and start + left >= low and codes[start + left] == forms[form, left]:
        left -= 1
    if right < size and left >= 0:
        return False
    if right < size:
        return _one_beyond(form, right, start + right, 1, size, high, codes, forms)
    if left >= 0:
        return _one_beyond(form, left, start + left, -1, -1, low - 1, codes, forms)
    return True


@_inlined
def _one_beyond(form, letter, place, step, last, stop, codes, forms):
    """Whether the rest of the form, from `letter` on, and the word's from `place` on differ by one.

    step: 1 towards the end, -1 towards the beginning. The word may go on behind the rest.
    """
    if _goes_on(form, letter + step, place, step, last, stop, codes, forms):
        return True  # left out
    if place == stop:
        return False
    if _goes_on(form, letter + step, place + step, step, last, stop, codes, forms):
        return True  # replaced
    if _goes_on(form, letter, place + step, step, last, stop, codes, forms):
        return True  # put in between
    return (
        letter + step != last
        and place + step != stop
        and codes[place] == forms[form, letter + step]
        and codes[place + step] == forms[form, letter]
        and _goes_on(form, letter + 2 * step, place + 2 * step, step, last, stop, codes, forms)
    )


@_inlined
def _goes_on(form, letter, place, step, last, stop, codes, forms):
    while letter != last:
        if place == stop or codes[place] != forms[form, letter]:
            return False
        letter += step
        place += step
    return True


@_compiled
def _tell_inside(
    row, base, count, form, edits, low, high, flags, codes, origin, tables, found, space
):  # fmt: skip
    """All exact places in the word, or the best one of those with so many edits."""
    size = np.int64(tables.size[form])
    if edits > 0:
        begin, end = best_span(
            tables.codes, form, size, codes, low, high, edits, space.masks, space.matrix
        )
        return _tell(
            row, base, count, form, begin, end, edits, low, high, flags, origin, tables, found
        )
    for begin in range(low, high - size + 1):
        if _stands(form, size, ANYWHERE, begin, low, high, codes, tables.codes):
            count = _tell(
                row, base, count, form, begin, begin + size, 0, low, high, flags, origin, tables,
                found,
            )  # fmt: skip
    return count


@_compiled
def _try_always(
    row, base, count, word, low, high, reading, flags, codes, origin, tables, found, word_seen,
    space,
):  # fmt: skip
    """Forms with a rule too wide for keys, one by one."""
    for form in tables.always:
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
                count = _tell(
                    row, base, count, form, low, high, edits, low, high, flags, origin, tables,
                    found,
                )  # fmt: skip
    return count


@_compiled
def _scan_joined(
    row, base, count, stop, reading, flags, codes, origin, tables, found
):  # fmt: skip
    """Forms that stand exactly when separators are taken out, from a word's start to one's end."""
    slots = len(tables.joined_form)
    for low in range(stop):
        if codes[low] == 0 or (low > 0 and codes[low - 1] != 0):
            continue
        value, letters, parted = np.uint64(0), 0, False
        for place in range(low, stop):
            if codes[place] == 0:
                parted = True
                continue
            value = value * _FACTOR + np.uint64(codes[place])
            letters += 1
            if letters > LONGEST_FORM:
                break
            if not parted or letters < _SHORTEST_JOINED or codes[place + 1] != 0:
                continue
            slot = np.int64(value >> np.uint64(32)) & (slots - 1)
            while tables.joined_form[slot] >= 0:
                form = tables.joined_form[slot]
                if (
                    tables.joined_hash[slot] == value
                    and tables.readings[form] & reading
                    and _spells(form, letters, low, codes, tables)
                ):
                    count = _tell(
                        row, base, count, form, low, place + 1, 0, low, place + 1,
                        flags | _JOINED, origin, tables, found,
                    )  # fmt: skip
                slot = (slot + 1) & (slots - 1)
    return count


@_compiled
def _spells(form, letters, low, codes, tables):
    """Whether the letters from `low` on, without separators, are the form's: hashes can collide."""
    if tables.size[form] != letters:
        return False
    place = low
    for letter in range(letters):
        while codes[place] == 0:
            place += 1
        if codes[place] != tables.codes[form, letter]:
            return False
        place += 1
    return True


@_compiled
def _tell(
    row, base, count, form, low, high, edits, word_low, word_high, flags, origin, tables, found
):  # fmt: skip
    """One sighting more, unless this text has it already; sightings so far.

    Without space, one more than there is space for: the caller begins anew with this text.
    """
    if count >= len(found.text):
        return len(found.text) + 1
    term = tables.term[form]
    start, end = origin[low], origin[high]
    if tables.merged[form]:
        flags |= _PAIRS
    if low == word_low and high == word_high and edits > tables.inside_edits[form]:
        flags |= _TOKEN
    earlier = found.latest[term]
    while earlier >= base:
        if found.start[earlier] == start and found.end[earlier] == end:
            if edits < found.edits[earlier]:
                found.edits[earlier] = edits
                found.reading[earlier] = flags
            return count
        earlier = found.earlier[earlier]
    found.text[count] = row
    found.term[count] = term
    found.start[count] = start
    found.end[count] = end
    found.edits[count] = edits
    found.reading[count] = flags
    found.earlier[count] = found.latest[term]
    found.latest[term] = count
    return count + 1


@_compiled
def _merge_pairs(buffer, start, size, changed, moved):
    """Writes the text with its pairs merged; its size, the same when it has none."""
    place = written = 0
    while place < size:
        changed[written] = buffer[start + place]
        moved[written] = place
        if place + 1 < size:
            merged = _merged(_lower(buffer[start + place]), _lower(buffer[start + place + 1]))
            if merged:
                changed[written] = merged
                place += 1
        written += 1
        place += 1
    moved[written] = size
    return written


@_inlined
def _merged(left, right):
    """The letter that a pair of letters looks like, or 0: rn m, nn m, vv w, cl d."""
    if right == 110 and (left == 114 or left == 110):
        return 109
    if left == 118 and right == 118:
        return 119
    return 100 if left == 99 and right == 108 else 0


@_compiled
def _turn_digits(buffer, start, size, changed, moved):
    """Writes the text with 6 7 9 as g l q; False if none of them is beside a letter."""
    turned = False
    for place in range(size):
        byte = buffer[start + place]
        changed[place] = 103 if byte == 54 else 108 if byte == 55 else 113 if byte == 57 else byte
        moved[place] = place
        if byte == 54 or byte == 55 or byte == 57:
            turned = turned or (place > 0 and _is_letter(buffer[start + place - 1]))
            turned = turned or (place + 1 < size and _is_letter(buffer[start + place + 1]))
    moved[size] = size
    return turned


@_inlined
def _lower(byte):
    return byte | 32 if 65 <= byte <= 90 else byte


@_inlined
def _is_letter(byte):
    return 97 <= (byte | 32) <= 122
