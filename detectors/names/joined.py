"""Forms with separators inside: "pay-pal", "d.h.l".

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
    """Forms that stand exactly when separators are taken out, from a word's start to one's end."""
    slots, none = len(tables.joined_form), np.int64(0)
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
                form = np.int64(tables.joined_form[slot])
                if (
                    tables.joined_hash[slot] == value
                    and tables.readings[form] & reading
                    and _spells(form, letters, low, codes, tables)
                ):
                    count = tell(
                        row, base, count, form, low, place + 1, none, low, place + 1,
                        flags | JOINED, origin, tables, found,
                    )  # fmt: skip
                slot = (slot + 1) & (slots - 1)
    return count


@compiled
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
