"""Local features of a picture: places that can be found again when all around them has changed.

What the descriptor of a whole region cannot do, a few dozen of these can: find a logo on a
photograph, turned, or cut off. SIFT (Lowe, "Distinctive image features from scale-invariant
keypoints", 2004) with the square root of Arandjelovic and Zisserman ("Three things everyone
should know to improve object retrieval", 2012).
May import: detectors.images.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from detectors.images.flatness import flat_maps

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

#: Longest side of the grey picture in which keypoints are looked for, pixels.
SIDE: Final = 160
#: Keypoints kept of a stranger's picture and of a logo, the most contrasted first.
MOST_OF_QUERY: Final = 250
MOST_OF_LOGO: Final = 400

#: Colours whose distance is a view of its own.
FLAT_COLOURS: Final = 2

_CONTRAST: Final = 0.02  # Lowe's .04 drops the soft edges of small pictures
_EDGE: Final = 15.0  # Lowe's 10 drops what stroked logos mostly consist of
#: What turns the root of a share of a histogram (mostly below .5) into a byte.
_BYTE_SCALE: Final = 512.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypoints:
    """Keypoints of one picture, in the pixels of `views`; n rows each, the same in all."""

    places: Floats  #: (n, 2), x and y
    sizes: Floats  #: (n,), diameter
    angles: Floats  #: (n,), radians from x towards y (clockwise on a screen)
    descriptors: Bytes  #: (n, 128), RootSIFT in steps of 1/512
    views: tuple[Bytes, ...]  #: (h, w) each, the pictures they are in: lightness, then flat colours
    enlarged: float  #: pixels of `views` per pixel of the picture that was given

    def __len__(self) -> int:
        return len(self.places)


def keypoints_of(
    pixels: Bytes, *, most: int = MOST_OF_QUERY, side: int = SIDE, colours: int = FLAT_COLOURS
) -> Keypoints:
    """pixels: (h, w, 3) RGB or (h, w) grey. Small pictures are enlarged to `side`.

    most: keypoints of the lightness; half as many of the distance from each flat colour.
    """
    sized = resized(pixels, side)
    if sized.ndim == 2:
        views = [sized]
    else:
        views = [np.asarray(cv2.cvtColor(sized, cv2.COLOR_RGB2GRAY), np.uint8)]
        views += flat_maps(sized, colours)
    found = [_detected(view, most if view is views[0] else most // 2) for view in views]
    poses = np.concatenate([pose for pose, _ in found])
    raw = np.concatenate([descriptors for _, descriptors in found])
    once = _seen_once(poses)
    return Keypoints(
        places=poses[once, :2],
        sizes=poses[once, 2],
        angles=poses[once, 3],
        descriptors=_rooted(raw[once]),
        views=tuple(views),
        enlarged=max(sized.shape[:2]) / max(pixels.shape[:2]),
    )


def logo_keypoints(pixels: Bytes) -> Keypoints:
    """Of a logo that is looked for: more keypoints, and of colours only its commonest, which
    is mostly its ground. The others would double the pool and find nothing more."""
    return keypoints_of(pixels, most=MOST_OF_LOGO, colours=1)


def resized(pixels: Bytes, side: int) -> Bytes:
    """The same, longest side `side`, shortest at least 8."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    shape = max(8, round(width * scale)), max(8, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, shape, interpolation=how), dtype=np.uint8)


def _detected(view: Bytes, most: int) -> tuple[Floats, Floats]:
    """(n, 4) places, sizes and angles, and (n, 128) descriptors of the most contrasted."""
    sift = cv2.SIFT.create(nfeatures=most, contrastThreshold=_CONTRAST, edgeThreshold=_EDGE)
    found, raw = sift.detectAndCompute(view, None)
    # Ties in contrast are kept beyond the number that was asked for.
    found = found[:most]
    poses = np.array(
        [(*point.pt, point.size, math.radians(point.angle)) for point in found], np.float32
    ).reshape(-1, 4)
    return poses, raw[:most] if len(found) else np.zeros((0, 128), np.float32)


def _seen_once(poses: Floats) -> npt.NDArray[np.bool_]:
    """(n,): whether no row before has the same pose. Views often show the same, or its
    negative, whose directions are half a circle off."""
    x, y, size, angle = (poses[:, column] for column in range(4))
    like = np.abs(x[:, None] - x) < 1.0
    like &= np.abs(y[:, None] - y) < 1.0
    like &= np.abs(size[:, None] - size) < 0.1 * size
    like &= np.abs(np.sin(angle[:, None] - angle)) < 0.1
    return np.asarray(~np.tril(like, -1).any(axis=1), np.bool_)


def _rooted(raw: Floats) -> Bytes:
    shares = raw / np.maximum(raw.sum(axis=1, keepdims=True), 1e-6)
    return np.asarray(np.minimum(np.rint(np.sqrt(shares) * _BYTE_SCALE), 255), np.uint8)
