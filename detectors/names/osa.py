"""Optimal string alignment on code columns: is a form near a word, and which letters are it.

Hyyrö, "A bit-vector algorithm for computing Levenshtein and Damerau edit distances" (2003):
one column of the distance matrix in two machine words, so forms have 64 letters at most.
Compiled, without the interpreter's lock. Codes are those of `anchors`; a word is a stretch
codes[low:high] that holds no separator.
May import: detectors.compiling.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False
# mypy: disallow-untyped-calls=False, disable-error-code="assignment"

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from detectors.compiling import compiled

#: Rows and columns of the distance matrix that `best_span` wants room for.
MATRIX = (3, 72)
_FAR = 99

Codes = npt.NDArray[np.uint8]
Masks = npt.NDArray[np.uint64]


@compiled
def _spell(forms: Codes, form: int, size: int, masks: Masks) -> None:
    """Per code, where the form has it, as bits. Made anew each time: to read the letters of a
    form takes one line of the cache, to read such a table of every form would take four."""
    row = np.uint64(form)
    for letter in range(size):
        masks[forms[row, letter]] |= np.uint64(1) << np.uint64(letter)


@compiled
def _wipe(forms: Codes, form: int, size: int, masks: Masks) -> None:
    row = np.uint64(form)
    for letter in range(size):
        masks[forms[row, letter]] = np.uint64(0)


@compiled
def least_edits_inside(
    forms: Codes, form: int, size: int, codes: Codes, low: int, high: int, masks: Masks
) -> int:
    """Least distance of the form to any part of the word, the empty one included.

    masks: room for 32 codes, all 0 before and after.
    """
    _spell(forms, form, size, masks)
    last = np.uint64(size - 1)
    positive, negative = ~np.uint64(0), np.uint64(0)
    before, seen_before = np.uint64(0), np.uint64(0)
    one = np.uint64(1)
    edits = best = size
    for place in range(np.uint64(low), np.uint64(high)):
        seen = masks[codes[place]]
        swapped = (((~before) & seen) << one) & seen_before
        before = (((seen & positive) + positive) ^ positive) | seen | negative | swapped
        up = negative | ~(before | positive)
        down = before & positive
        edits += np.int64((up >> last) & one) - np.int64((down >> last) & one)
        best = min(best, edits)
        up <<= one  # no carry in: a part may begin anywhere
        positive = (down << one) | ~(before | up)
        negative = up & before
        seen_before = seen
    _wipe(forms, form, size, masks)
    return best


@compiled
def edits_of_word(
    forms: Codes, form: int, size: int, codes: Codes, low: int, high: int, masks: Masks
) -> int:
    """Distance of the form to the whole word; masks as for `least_edits_inside`."""
    _spell(forms, form, size, masks)
    last = np.uint64(size - 1)
    positive, negative = ~np.uint64(0), np.uint64(0)
    before, seen_before = np.uint64(0), np.uint64(0)
    one = np.uint64(1)
    edits = size
    for place in range(np.uint64(low), np.uint64(high)):
        seen = masks[codes[place]]
        swapped = (((~before) & seen) << one) & seen_before
        before = (((seen & positive) + positive) ^ positive) | seen | negative | swapped
        up = negative | ~(before | positive)
        down = before & positive
        edits += np.int64((up >> last) & one) - np.int64((down >> last) & one)
        up = (up << one) | one
        positive = (down << one) | ~(before | up)
        negative = up & before
        seen_before = seen
    _wipe(forms, form, size, masks)
    return edits


@compiled
def best_span(
    forms: Codes, form: int, size: int, codes: Codes, low: int, high: int, edits: int,
    masks: Masks, matrix: npt.NDArray[np.int64],
) -> tuple[int, int]:  # fmt: skip
    """(start, end) of the part of the word at distance `edits`, known to be the least.

    Of several: the one that touches most ends of the word, then the one whose first and last
    letters are the form's own, then the one nearest to the form in length, then the leftmost.
    """
    _spell(forms, form, size, masks)
    best, best_start, best_end = 1 << 40, low, high
    last = np.uint64(size - 1)
    positive, negative = ~np.uint64(0), np.uint64(0)
    before, seen_before = np.uint64(0), np.uint64(0)
    one = np.uint64(1)
    score = size
    for place in range(np.uint64(low), np.uint64(high)):
        seen = masks[codes[place]]
        swapped = (((~before) & seen) << one) & seen_before
        before = (((seen & positive) + positive) ^ positive) | seen | negative | swapped
        up = negative | ~(before | positive)
        down = before & positive
        score += np.int64((up >> last) & one) - np.int64((down >> last) & one)
        up <<= one
        positive = (down << one) | ~(before | up)
        negative = up & before
        seen_before = seen
        if score != edits:
            continue
        end = np.int64(place) + 1
        _distances_back(forms, form, size, codes, low, end, edits, matrix)
        longest = end - low
        for length in range(max(size - edits, 1), size + edits + 1):
            if length > longest:
                break
            if matrix[size % 3, length] != edits:
                continue
            start = end - length
            inner_ends = np.int64(start != low) + np.int64(end != high)
            strange = np.int64(codes[start] != forms[form, 0])
            strange += np.int64(codes[place] != forms[form, size - 1])
            rank = ((inner_ends * 3 + strange) * 4 + abs(length - size)) * (1 << 20) + start
            if rank < best:
                best, best_start, best_end = rank, start, end
    _wipe(forms, form, size, masks)
    return best_start, best_end


@compiled
def _distances_back(
    forms: Codes, form: int, size: int, codes: Codes, low: int, end: int, edits: int,
    matrix: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    """matrix[size % 3][n]: distance of the form to codes[end - n:end], where it is <= edits.

    The plain matrix, from the last letters to the first, no wider than `edits` off the
    diagonal: what lies further cannot come back.
    """
    longest = end - low
    for length in range(size + edits + 2):
        matrix[0, length] = length if length <= edits else _FAR
    for letter in range(1, size + 1):
        row, above, two_above = letter % 3, (letter - 1) % 3, (letter - 2) % 3
        left = max(letter - edits, 0)
        right = min(letter + edits, longest)
        if left > 0:
            matrix[row, left - 1] = _FAR
        matrix[row, max(right + 1, left)] = _FAR
        wanted = forms[form, size - letter]
        for length in range(left, right + 1):
            if length == 0:
                matrix[row, 0] = letter
                continue
            code = codes[end - length]
            cost = min(matrix[above, length], matrix[row, length - 1]) + 1
            cost = min(cost, matrix[above, length - 1] + np.int64(code != wanted))
            if (
                letter > 1
                and length > 1
                and code == forms[form, size - letter + 1]
                and codes[end - length + 1] == wanted
            ):
                cost = min(cost, matrix[two_above, length - 2] + 1)
            matrix[row, length] = cost
