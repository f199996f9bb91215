"""Forms by the hash of their letters: for names whose separators are taken out (`joined`).

Two strings within one edit become the same when one letter at most is left out of either, so a
form is also known by what it is without each of its letters.
May import: nothing of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

#: Of the polynomial hash of a form's codes, modulo 2**64.
HASH_FACTOR = 0x9E3779B97F4A7C15
#: Shortest form that is looked for with an edit when separators are taken out.
SHORTEST_NEAR = 5
#: Of the hash of a form without one letter, those that say whether there is such a form.
NEAR_BITS = 20
#: More than the letters of the longest form.
_POWERS = 64


class SpelledTables(NamedTuple):
    """As named tuple, because compiled code takes it whole."""

    exact_hash: npt.NDArray[np.uint64]  #: open addressing, a power of two
    exact_form: npt.NDArray[np.int32]  #: -1: free
    near_bits: npt.NDArray[np.uint64]  #: which hashes there are of forms without one letter
    near_hash: npt.NDArray[np.uint64]  #: these, as above
    near_form: npt.NDArray[np.int32]
    powers: npt.NDArray[np.uint64]  #: of the factor of the hash


def build_spelled(forms: Sequence[tuple[list[int], bool, bool]]) -> SpelledTables:
    """forms: (codes, looked for exactly, looked for with an edit too), by number."""
    exact = [(_hash(codes), at) for at, (codes, wanted, _) in enumerate(forms) if wanted]
    shortened = {
        (_hash([*codes[:left_out], *codes[left_out + 1 :]]), at)
        for at, (codes, _, edited) in enumerate(forms)
        if edited and len(codes) >= SHORTEST_NEAR
        for left_out in range(len(codes) + 1)  # the last leaves none out
    }
    near_bits = np.zeros(1 << (NEAR_BITS - 6), dtype=np.uint64)
    for value, _ in shortened:
        place = value >> (64 - NEAR_BITS)
        near_bits[place >> 6] |= np.uint64(1 << (place & 63))
    exact_hash, exact_form = _hash_table(exact)
    near_hash, near_form = _hash_table(sorted(shortened))
    return SpelledTables(
        exact_hash=exact_hash,
        exact_form=exact_form,
        near_bits=near_bits,
        near_hash=near_hash,
        near_form=near_form,
        powers=np.array([pow(HASH_FACTOR, n, 1 << 64) for n in range(_POWERS)], np.uint64),
    )


def _hash(codes: Sequence[int]) -> int:
    value = 0
    for code in codes:
        value = (value * HASH_FACTOR + code) % (1 << 64)
    return value


def _hash_table(
    entries: Sequence[tuple[int, int]],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """entries: (hash, form), one slot each: open addressing."""
    slots = 1 << max(4, int(4 * len(entries)).bit_length())
    hashes = np.zeros(slots, dtype=np.uint64)
    owner = np.full(slots, -1, dtype=np.int32)
    for value, form in entries:
        slot = (value >> 32) % slots
        while owner[slot] >= 0:
            slot = (slot + 1) % slots
        hashes[slot], owner[slot] = value, form
    return hashes, owner
