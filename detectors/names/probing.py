"""Which keys of the tables a text has: of any letters in a row, and of its words' first letters.

The part of the scan that every letter passes, so written for the processor: no branch that is
hard to foresee, tables that stay in its cache.
May import: detectors.compiling, detectors.names.anchors.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False
# mypy: disallow-untyped-calls=False, disable-error-code="assignment"

from __future__ import annotations

import numpy as np

from detectors.compiling import compiled, inlined
from detectors.names.anchors import (
    EARLY_GAP,
    FIVE,
    FIVE_FACTOR,
    LATE_GAP,
    LETTER_AT,
    PREFIX,
    THREE,
    THREES,
)  # fmt: skip

_THREES = np.array(THREES, dtype=np.uint64)
_U0, _U1, _U3, _U4, _U5, _U6, _U10, _U15, _U20, _U31, _U32, _U44, _U63 = (
    np.uint64(number) for number in (0, 1, 3, 4, 5, 6, 10, 15, 20, 31, 32, 44, 63)
)
_THREE_CODES, _FOUR_CODES = np.uint64((1 << 15) - 1), np.uint64((1 << 20) - 1)
FIVE_CODES = np.uint64((1 << 25) - 1)
_LATE, _EARLY, _THREE, _FIVE = (np.uint64(kind) for kind in (LATE_GAP, EARLY_GAP, THREE, FIVE))
_LETTER_AT = np.uint64(LETTER_AT)
_FIVE_FACTOR = np.uint64(FIVE_FACTOR)


@inlined
def fold_and_probe(text, first, size, codes, bits, alphabet, space):
    """(hits, words, whether a pair looks like a letter, what is known of the bytes).

    Where keys and words end is in `space`; hits are written without a branch, because which
    letters end a key is hard to foresee.
    """
    # Unsigned all through: no index counts from the end, and none has to be asked whether it does.
    n_hits = n_words = gram = known = paired = before = _U0
    start = np.uint64(first)
    for place in range(np.uint64(size)):
        about = np.uint64(alphabet.of_byte[text[start + place]])
        code = about & _U31
        codes[place] = code
        known |= about
        letter = about >> _LETTER_AT
        paired |= np.uint64(alphabet.of_pair[before << _U5 | letter])
        before = letter
        gram = (gram << _U5 | code) & FIVE_CODES
        space.hits[n_hits] = place << _U32 | gram
        n_hits += _is_key(gram, bits)
        if code == 0:
            space.ends[n_words] = place
            n_words += _U1
            gram = _U0
    # The separator behind the last word, and as many as a look at first letters may pass.
    for place in range(size, size + PREFIX):
        codes[place] = 0
    gram = (gram << _U5) & FIVE_CODES
    space.hits[n_hits] = np.uint64(size) << _U32 | gram
    n_hits += _is_key(gram, bits)
    space.ends[n_words] = size
    return np.int64(n_hits), np.int64(n_words) + 1, paired != 0, np.int64(known)


@inlined
def _is_key(gram, bits):
    """1 if the last codes are a key of some kind, else 0."""
    row, late, early = gram_key(gram, 0), gram_key(gram, 1), gram_key(gram, 2)
    return (
        bits[row >> _U6] >> (row & _U63)
        | bits[late >> _U6] >> (late & _U63)
        | bits[early >> _U6] >> (early & _U63)
    ) & _U1


@inlined
def gram_key(gram, kind):
    """Of the last five codes: the last four, or all but the last but one, or all but the second."""
    if kind == 0:
        return gram & _FOUR_CODES
    if kind == 1:
        return _LATE ^ (gram >> _U10 << _U5 | gram & _U31)
    return _EARLY ^ (gram >> _U20 << _U15 | gram & _THREE_CODES)


@inlined
def probe_word(codes, low, length, tables, space):
    """How many keys of the word's first letters exist; they are in space.keys."""
    n_fives, n_fours = tables.n_keys[length, 5], tables.n_keys[length, 4]
    n_threes = tables.n_keys[length, 3]
    if n_fives + n_fours + n_threes == 0:
        return 0
    bits, threes, fours, fives = tables.words.bits, space.threes, space.fours, space.fives
    at = np.uint64(low)  # unsigned: no index from the end to think of
    for number in range(len(_THREES)):
        threes[number] = (
            np.uint64(codes[at + _THREES[number, 0]]) << _U10
            | np.uint64(codes[at + _THREES[number, 1]]) << _U5
            | np.uint64(codes[at + _THREES[number, 2]])
        )
    # Keys of more codes are those of fewer, which all stand before the last one.
    last = np.uint64(codes[at + _U3])
    fours[0] = threes[0] << _U5 | last
    last = np.uint64(codes[at + _U4])
    for number in range(4):
        fours[1 + number] = threes[number] << _U5 | last
    last = np.uint64(codes[at + _U5])
    for number in range(10):
        fours[5 + number] = threes[number] << _U5 | last
    some = np.uint64(0)
    if n_fives > 0:
        fives[0] = _five(fours[0], codes[at + _U4])
        for number in range(5):
            fives[1 + number] = _five(fours[number], codes[at + _U5])
        for number in range(15):
            fives[6 + number] = _five(fours[number], codes[at + _U6])
        for number in range(n_fives):
            some |= bits[fives[number] >> _U6] >> (fives[number] & _U63)
    for number in range(n_fours):
        some |= bits[fours[number] >> _U6] >> (fours[number] & _U63)
    for number in range(n_threes):
        threes[number] ^= _THREE
        some |= bits[threes[number] >> _U6] >> (threes[number] & _U63)
    if some & _U1 == 0:
        return 0
    n_keys = _keep(fives, n_fives, 0, bits, space.keys)
    n_keys = _keep(fours, n_fours, n_keys, bits, space.keys)
    return _keep(threes, n_threes, n_keys, bits, space.keys)


@inlined
def _keep(some, n_some, n_keys, bits, keys):
    """Those that exist behind the first n_keys."""
    for number in range(n_some):
        key = some[number]
        keys[n_keys] = key
        n_keys += np.int64(bits[key >> _U6] >> (key & _U63) & _U1)
    return n_keys


@inlined
def _five(four, code):
    return _FIVE ^ ((four << _U5 | np.uint64(code)) * _FIVE_FACTOR >> _U44)


@inlined
def entries_of(table, key):
    """(first, end) of the entries of a key; none for a key that no form has."""
    bits = table.bits[key >> _U6]
    bit = key & _U63
    if (bits >> bit) & _U1 == 0:
        return _U0, _U0
    ranked = np.uint64(table.rank[key >> _U6]) + np.uint64(ones(bits & ((_U1 << bit) - _U1)))
    return np.uint64(table.first[ranked]), np.uint64(table.first[ranked + _U1])


@inlined
def ones(word):
    """Bits set; the compiler knows this for one instruction."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + (
        (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def count_grams_of(buffer, begin, end, of_byte, counts):
    """counts: 2**20, one for each four codes in a row."""
    for row in range(len(begin)):
        gram = np.uint64(0)
        for place in range(begin[row], end[row] + 1):
            code = np.uint64(0)
            if place < end[row]:
                code = np.uint64(of_byte[buffer[place]]) & _U31
            gram = (gram << _U5 | code) & _FOUR_CODES
            counts[gram] += np.uint32(1)
            if code == 0:
                gram = np.uint64(0)
