"""Second readings of a text, as bytes to scan like the first, and where each byte came from.

May import: detectors.compiling, detectors.names.anchors.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False
# mypy: disallow-untyped-calls=False, disable-error-code="assignment"

from __future__ import annotations

import numpy as np

from detectors.compiling import inlined
from detectors.names.anchors import LETTER_AT


@inlined
def merge_pairs(buffer, start, size, alphabet, changed, moved):
    """Writes the text with its pairs merged, from the left; its size."""
    place = written = 0
    while place < size:
        changed[written] = buffer[start + place]
        moved[written] = place
        if place + 1 < size:
            left = np.int64(alphabet.of_byte[buffer[start + place]]) >> LETTER_AT
            right = np.int64(alphabet.of_byte[buffer[start + place + 1]]) >> LETTER_AT
            merged = alphabet.of_pair[left << 5 | right]
            if merged:
                changed[written] = merged
                place += 1
        written += 1
        place += 1
    moved[written] = size
    return written


@inlined
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
def _is_letter(byte):
    return 97 <= (byte | 32) <= 122
