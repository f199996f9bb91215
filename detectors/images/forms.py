"""A negative and a mirror image of a picture, without looking at the picture again.

In a negative every gradient points the other way: a keypoint turns by half a circle and with it
the 4 x 4 cells of its descriptor, while directions inside cells, which are told relative to it,
stay. In a mirror image the rows of cells change places and directions their sign. Both only
permute the 128 numbers, so the similarity of a descriptor to all four forms of another is had
for the price of one: the permutations make a group of four, in whose common eigenbasis each
form only changes signs.
May import: nothing of ours.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

#: As found, negative, mirrored, both; the index of a form is `negative + 2 * mirrored`.
FORMS: Final = 4


def _permutations() -> npt.NDArray[np.intp]:
    """(4, 128): descriptor[row] is the descriptor in that form."""
    cells = np.arange(128).reshape(4, 4, 8)
    negative = cells[::-1, ::-1]
    back = -np.arange(8) % 8
    mirrored = cells[::-1][..., back]
    both = negative[::-1][..., back]
    return np.stack([form.ravel() for form in (cells, negative, mirrored, both)])


PERMUTATIONS: Final = _permutations()
#: Signs of the four parts (rows: forms).
SIGNS: Final = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]], np.float32)


def parts(descriptors: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(n, 128) bytes to (4, n, 32): coordinates in the parts on which forms only change signs.

    The product of a descriptor with form f of another is sum over parts p of
    SIGNS[f, p] * parts(a)[p] . parts(b)[p]; lengths are made 1.
    """
    values = descriptors.astype(np.float32)
    values /= np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-6)
    # Every orbit has four members; its least stands for it.
    orbits = PERMUTATIONS[:, PERMUTATIONS.min(axis=0) == np.arange(128)]
    members = values[:, orbits]  # (n, 4 forms, 32)
    split = np.einsum("pf,nfd->pnd", SIGNS.T, members) / 2
    return np.ascontiguousarray(split, dtype=np.float32)
