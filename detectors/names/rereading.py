"""Second readings of a text, as bytes to scan like the first, and where each byte came from.

May import: detectors.compiling.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False
# mypy: disallow-untyped-calls=False, disable-error-code="assignment"

from __future__ import annotations

import numpy as np

from detectors.compiling import compiled, inlined


@compiled
def merge_pairs(buffer, start, size, pairs, changed, moved):
    """Writes the text with its pairs merged; its size, the same when it has none."""
    place = written = 0
    while place < size:
        changed[written] = buffer[start + place]
        moved[written] = place
        if place + 1 < size:
            left, right = _lower(buffer[start + place]), _lower(buffer[start + place + 1])
            merged = np.uint8(0)
            for pair in range(len(pairs)):
                if pairs[pair, 0] == left and pairs[pair, 1] == right:
                    merged = pairs[pair, 2]
            if merged:
                changed[written] = merged
                place += 1
        written += 1
        place += 1
    moved[written] = size
    return written


@compiled
def turn_digits(buffer, start, size, changed, moved):
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


@inlined
def _lower(byte):
    return byte | 32 if 65 <= byte <= 90 else byte


@inlined
def _is_letter(byte):
    return 97 <= (byte | 32) <= 122
