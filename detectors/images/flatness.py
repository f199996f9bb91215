"""The flat colours of a picture, and how far from each of them every pixel is.

Logos are drawn in flat colours and photographs are not: on a busy ground, where lightness shows
logo and ground as one tangle, the distance from the logo's own colour shows its shape alone.
May import: nothing of ours.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

#: A pixel is flat where no channel differs more from its neighbours, of 255.
_STEP: Final = 14
#: Lab distance within which a pixel has a colour, and at which it is wholly another.
_SAME: Final = 12.0
_OTHER: Final = 48.0
#: Share of the picture's pixels that a flat colour has at least.
_LEAST_SHARE: Final = 0.02
_BINS: Final = 32


def flat_maps(pixels: Bytes, most: int) -> list[Bytes]:
    """pixels: (h, w, 3) RGB. At most `most` maps (h, w), the commonest colour's first: 0 where a
    pixel has the colour, 255 where it is at least 48 Lab units off. None of a picture without
    flat colours."""
    rows = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    spread = cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    flat = spread.max(axis=2) <= _STEP
    lab = rows.astype(np.float32) * np.array([100 / 255, 1, 1], np.float32)
    steps = rows.astype(np.int32) * _BINS // 256
    codes = (steps[..., 0] * _BINS + steps[..., 1]) * _BINS + steps[..., 2]
    maps: list[Bytes] = []
    while len(maps) < most:
        counts = np.bincount(codes[flat], minlength=_BINS**3)
        commonest = int(counts.argmax())
        if not counts[commonest]:
            break
        colour = lab[flat & (codes == commonest)].mean(axis=0)
        off = np.linalg.norm(lab - colour, axis=2)
        near = off <= _SAME
        if int((near & flat).sum()) < _LEAST_SHARE * flat.size:
            break
        off = np.linalg.norm(lab - lab[near & flat].mean(axis=0), axis=2)
        maps.append(np.minimum(off * (255 / _OTHER), 255).astype(np.uint8))
        flat &= off > _SAME
    return maps
