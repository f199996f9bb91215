"""The sightings of one call, written as they are found.

May import: detectors.compiling, detectors.names.sightings.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-defs=False, disallow-untyped-decorators=False
# mypy: disallow-untyped-calls=False, disable-error-code="assignment"

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from detectors.compiling import compiled
from detectors.names.sightings import ReadingFlag

PAIRS, JOINED, DIGITS, TOKEN = (int(flag) for flag in ReadingFlag)


class Found(NamedTuple):
    """Columns being filled; `earlier` chains the sightings of one term in one text."""

    text: npt.NDArray[np.int64]
    term: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    edits: npt.NDArray[np.uint8]
    reading: npt.NDArray[np.uint8]
    earlier: npt.NDArray[np.int64]
    latest: npt.NDArray[np.int64]  # per term


def room_for(capacity: int, n_terms: int) -> Found:
    return Found(
        text=np.empty(capacity, np.int64),
        term=np.empty(capacity, np.int32),
        start=np.empty(capacity, np.int32),
        end=np.empty(capacity, np.int32),
        edits=np.empty(capacity, np.uint8),
        reading=np.empty(capacity, np.uint8),
        earlier=np.empty(capacity, np.int64),
        latest=np.full(n_terms, -1, np.int64),
    )


@compiled
def tell(
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
        flags |= PAIRS
    if low == word_low and high == word_high and edits > tables.inside_edits[form]:
        flags |= TOKEN
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
