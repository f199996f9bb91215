"""Forms with separators inside, also of misspelled ones: "pay-pal", "acme-bnak", "ac_ebank".

May import: detectors.compiling, detectors.names (anchors, found, osa, spelled).
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False
# mypy: disallow-untyped-calls=False, disable-error-code="assignment"

from __future__ import annotations

import numpy as np

from detectors.compiling import compiled, inlined
from detectors.names.anchors import LONGEST_FORM
from detectors.names.found import JOINED, tell
from detectors.names.osa import edits_of_word
from detectors.names.spelled import HASH_FACTOR, NEAR_BITS, SHORTEST_NEAR

#: Two letters with a separator between them are no name.
_SHORTEST_JOINED = 3
#: More words in a row are no name any more once a letter of them is changed.
_MOST_WORDS = 3
_FACTOR = np.uint64(HASH_FACTOR)
_NEAR_SHIFT = np.uint64(64 - NEAR_BITS)


@inlined
def scan_joined(
    row, base, count, stop, reading, flags, codes, origin, tables, found, space
):  # fmt: skip
    """Forms from a word's start to one's end when separators are taken out: exactly, or within one
    edit of two or three words (`spelled` says why that misses none)."""
    for low in range(stop):
        if codes[low] == 0 or (low > 0 and codes[low - 1] != 0):
            continue
        value, letters, words = np.uint64(0), np.int64(0), np.int64(1)
        space.prefix[0] = value
        for place in range(low, stop):
            if codes[place] == 0:
                if codes[place + 1] != 0:
                    words += 1
                continue
            value = value * _FACTOR + np.uint64(codes[place])
            space.joined[letters] = codes[place]
            letters += 1
            if letters > LONGEST_FORM:
                break
            space.prefix[letters] = value
            if words < 2 or letters < _SHORTEST_JOINED or codes[place + 1] != 0:
                continue
            count = _look_up(
                row, base, count, low, place, value, letters, reading, flags, origin, tables,
                found, space,
            )  # fmt: skip
            if words <= _MOST_WORDS and letters >= SHORTEST_NEAR - 1:
                count = _look_near(
                    row, base, count, low, place, letters, reading, flags, origin, tables, found,
                    space,
                )  # fmt: skip
    return count


@compiled
def _look_up(
    row, base, count, low, place, value, letters, reading, flags, origin, tables, found, space
):  # fmt: skip
    slots = len(tables.spelled.exact_form)
    slot = np.int64(value >> np.uint64(32)) & (slots - 1)
    while tables.spelled.exact_form[slot] >= 0:
        form = np.int64(tables.spelled.exact_form[slot])
        if (
            tables.spelled.exact_hash[slot] == value
            and tables.readings[form] & reading
            and _spells(form, letters, space.joined, tables)
        ):
            count = tell(
                row, base, count, form, low, place + 1, np.int64(0), low, place + 1, flags | JOINED,
                origin, tables, found,
            )  # fmt: skip
        slot = (slot + 1) & (slots - 1)
    return count


@compiled
def _look_near(
    row, base, count, low, place, letters, reading, flags, origin, tables, found, space
):  # fmt: skip
    """Leaves out no letter, then each in turn, and asks whether some form gives the same."""
    whole = space.prefix[letters]
    slots = len(tables.spelled.near_form)
    for turn in range(letters + 1):
        value = whole
        if turn < letters:
            behind = tables.spelled.powers[letters - 1 - turn]
            value = whole - space.prefix[turn + 1] * behind + space.prefix[turn] * behind
        bit = value >> _NEAR_SHIFT
        if not tables.spelled.near_bits[bit >> np.uint64(6)] >> (bit & np.uint64(63)) & np.uint64(
            1
        ):
            continue
        slot = np.int64(value >> np.uint64(32)) & (slots - 1)
        while tables.spelled.near_form[slot] >= 0:
            form = np.int64(tables.spelled.near_form[slot])
            if tables.spelled.near_hash[slot] == value and tables.readings[form] & reading:
                size = np.int64(tables.size[form])
                edits = edits_of_word(
                    tables.codes, form, size, space.joined, np.int64(0), letters, space.masks
                )
                if edits <= 1:
                    count = tell(
                        row, base, count, form, low, place + 1, edits, low, place + 1,
                        flags | JOINED, origin, tables, found,
                    )  # fmt: skip
            slot = (slot + 1) & (slots - 1)
    return count


@compiled
def _spells(form, letters, joined, tables):
    """Whether the letters are the form's: hashes can collide."""
    if tables.size[form] != letters:
        return False
    for letter in range(letters):  # noqa: SIM110 - compiled code has no generators
        if joined[letter] != tables.codes[form, letter]:
            return False
    return True
