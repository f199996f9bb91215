"""Do the edges of a logo lie where they should, given where it is said to be in a picture?

The last question to a claim that a few keypoints made: chance brings five corners together, not
a whole outline. Only the direction of edges counts, not which side is lighter and by how much.
May import: nothing of ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

#: Longest side at which edges are compared, pixels.
SIDE: Final = 96
#: An edge counts half at this share of the strongest step of its picture, and at least at
#: this step (of 255, as Sobel's kernel multiplies it).
_HALF_SHARE: Final = 0.1
_HALF_LEAST: Final = 8.0
#: How far from the logo's edges the picture's own count against it, pixels.
_REACH: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeMap:
    """Direction of edges at twice the angle, so that opposite gradients are one."""

    along: Floats  #: (h, w), strength times cosine of twice the direction
    across: Floats  #: (h, w), strength times sine; strength is 0 to 1


def edge_map(grey: Bytes) -> EdgeMap:
    """grey: (h, w)."""
    right = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3)
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3)
    right_power, down_power = right * right, down * down
    power = right_power + down_power
    half = _HALF_SHARE**2 * float(power.max()) + _HALF_LEAST**2
    # strength / power, where strength = power / (power + half)
    factor = 1.0 / (power + half)
    return EdgeMap(along=(right_power - down_power) * factor, across=2 * right * down * factor)


def strength(edges: EdgeMap) -> Floats:
    """(h, w), 0 to 1."""
    return np.asarray(np.sqrt(edges.along**2 + edges.across**2), np.float32)


def edge_likeness(picture: EdgeMap, logo: Bytes, transform: npt.NDArray[np.float64]) -> float:
    """-1 to 1: correlation of the logo's edges with the picture's on and around them.

    logo: (h, w) grey; transform: (2, 3), from its pixels to those of `picture`. What of the logo
    lies outside the picture does not count.
    """
    height, width = picture.along.shape
    shrinks = abs(float(np.linalg.det(transform[:, :2]))) < 0.25
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    placed = cv2.warpAffine(
        logo, transform, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE
    )
    wanted = edge_map(np.asarray(placed, np.uint8))
    power = wanted.along**2 + wanted.across**2
    around = cv2.dilate((power > 0.2).astype(np.uint8), np.ones((2 * _REACH + 1,) * 2, np.uint8))
    seen = (picture.along**2 + picture.across**2) * around
    common = float((wanted.along * picture.along + wanted.across * picture.across).sum())
    visible, there = float(power.sum()), float(seen.sum())
    return common / max(math.sqrt(visible * there), 1.0)
