"""Forms with separators inside, or in place of a letter: "pay-pal", "d.h.l", "ac_ebank".

May import: detectors.compiling, detectors.names (anchors, found).
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False
# mypy: disallow-untyped-calls=False, disable-error-code="assignment"

from __future__ import annotations

import numpy as np

from detectors.compiling import compiled, inlined
from detectors.names.anchors import HASH_FACTOR, LONGEST_FORM
from detectors.names.found import JOINED, tell

#: Two letters with a separator between them are no name.
_SHORTEST_JOINED = 3
_FACTOR = np.uint64(HASH_FACTOR)


@inlined
def scan_joined(
    row, base, count, stop, reading, flags, codes, origin, tables, found
):  # fmt: skip
    """Forms from a word's start to one's end: exactly when separators are taken out, or, of two
    words, with what parts them in place of one letter."""
    none, one = np.int64(0), np.int64(1)
    for low in range(stop):
        if codes[low] == 0 or (low > 0 and codes[low - 1] != 0):
            continue
        value, letters, words, gap = np.uint64(0), np.int64(0), np.int64(1), np.int64(0)
        for place in range(low, stop):
            if codes[place] == 0:
                if codes[place + 1] != 0:
                    words += 1
                if gap == 0:
                    gap = letters
                continue
            value = value * _FACTOR + np.uint64(codes[place])
            letters += 1
            if letters > LONGEST_FORM:
                break
            if words < 2 or letters < _SHORTEST_JOINED or codes[place + 1] != 0:
                continue
            count = _look_up(
                row, base, count, low, place, value, letters, letters, none, reading, flags,
                codes, origin, tables, tables.joined_hash, tables.joined_form, found,
            )  # fmt: skip
            if words == 2:
                count = _look_up(
                    row, base, count, low, place, value * _FACTOR + np.uint64(gap), letters, gap,
                    one, reading, flags, codes, origin, tables, tables.gapped_hash,
                    tables.gapped_form, found,
                )  # fmt: skip
    return count


@compiled
def _look_up(
    row, base, count, low, place, value, letters, gap, edits, reading, flags, codes, origin, tables,
    hashes, owners, found,
):  # fmt: skip
    slots = len(owners)
    slot = np.int64(value >> np.uint64(32)) & (slots - 1)
    while owners[slot] >= 0:
        form = np.int64(owners[slot])
        if (
            hashes[slot] == value
            and tables.readings[form] & reading
            and _spells(form, letters, gap, edits, low, codes, tables)
        ):
            count = tell(
                row, base, count, form, low, place + 1, edits, low, place + 1, flags | JOINED,
                origin, tables, found,
            )  # fmt: skip
        slot = (slot + 1) & (slots - 1)
    return count


@compiled
def _spells(form, letters, gap, edits, low, codes, tables):
    """Whether the letters from `low` on, without separators, are the form's; hashes can collide.

    edits: 1 where the form's letter at `gap` is left out.
    """
    if tables.size[form] != letters + edits:
        return False
    place = low
    for letter in range(letters):
        while codes[place] == 0:
            place += 1
        wanted = letter + edits if letter >= gap else letter
        if codes[place] != tables.codes[form, wanted]:
            return False
        place += 1
    return True
