"""The keypoints of all logos as one table, and what in it lies nearest to a picture's.

One form of each logo is kept; negatives and mirror images come with `forms`.
May import: detectors.compiling, detectors.images.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from detectors.compiling import compiled
from detectors.images.forms import FORMS, SIGNS, parts
from detectors.images.keypoints import Floats, Keypoints

#: Keypoints of the pool compared at a time: four tables of 250 x 2,048 floats are 8 MB.
_CHUNK: Final = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Keypoints of `logos`, one after the other."""

    logos: tuple[Keypoints, ...]
    starts: npt.NDArray[np.int64]  #: (logos + 1,), where the rows of each begin
    owners: npt.NDArray[np.int32]  #: (rows,), index of the logo
    parts: Floats  #: (4, 32, rows), as `forms.parts` makes them, ready for a product

    def counts(self) -> npt.NDArray[np.int64]:
        """Keypoints of each logo."""
        return np.diff(self.starts)


def pool_of(logos: Sequence[Keypoints]) -> Pool:
    """logos: one or more; those without any keypoint stay in, and are never found."""
    counts = [len(logo) for logo in logos]
    descriptors = np.concatenate(
        [np.zeros((0, 128), np.uint8), *(one.descriptors for one in logos)]
    )
    return Pool(
        logos=tuple(logos),
        starts=np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64),
        owners=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        parts=np.ascontiguousarray(parts(descriptors).transpose(0, 2, 1)),
    )


def nearest_of_each(query: Floats, pool: Pool) -> Floats:
    """(n, logos, 4): per keypoint, logo and form the distance to the nearest, 0 to 2; exact.

    query: (4, n, 32), as `forms.parts` makes them. A logo without keypoints is at 2.
    """
    best = np.full((query.shape[1], len(pool.logos), FORMS), -1, np.float32)
    for low in range(0, len(pool.owners), _CHUNK):
        high = min(low + _CHUNK, len(pool.owners))
        products = _products(query, pool, low, high)
        _raise_best(products, pool.owners[low:high], best)
    return np.sqrt(np.maximum(2 - 2 * best, 0))


def distances_to(query: Floats, pool: Pool, logo: int) -> Floats:
    """(4, n, rows of the logo): all distances to one logo, by form."""
    low, high = int(pool.starts[logo]), int(pool.starts[logo + 1])
    products = _products(query, pool, low, high)
    likeness = (SIGNS @ products.reshape(FORMS, -1)).reshape(products.shape)
    return np.asarray(np.sqrt(np.maximum(2 - 2 * likeness, 0)), dtype=np.float32)


def _products(query: Floats, pool: Pool, low: int, high: int) -> Floats:
    """(4, n, high - low). One part at a time: of three dimensions numpy would not ask BLAS."""
    products = np.empty((len(query), query.shape[1], high - low), np.float32)
    for part, rows in enumerate(pool.parts):
        np.matmul(query[part], rows[:, low:high], out=products[part])
    return products


@compiled
def _raise_best(products: Floats, owners: npt.NDArray[np.int32], best: Floats) -> None:
    """products: (4 parts, n, rows); the signs of SIGNS, written out."""
    for point in range(products.shape[1]):
        for row in range(products.shape[2]):
            plain = products[0, point, row] + products[1, point, row]
            turned = products[0, point, row] - products[1, point, row]
            plain_flip = products[2, point, row] + products[3, point, row]
            turned_flip = products[2, point, row] - products[3, point, row]
            slot = best[point, owners[row]]
            slot[0] = max(slot[0], plain + plain_flip)
            slot[1] = max(slot[1], turned + turned_flip)
            slot[2] = max(slot[2], plain - plain_flip)
            slot[3] = max(slot[3], turned - turned_flip)
