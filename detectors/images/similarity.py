"""Which shift, turn and scale carries the keypoints of a logo onto those of a picture.

Every pair of like keypoints proposes one by itself, for a keypoint has a place, a size and a
direction; so all proposals are tried, and nothing is left to chance as in RANSAC.
May import: detectors.compiling.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from detectors.compiling import compiled

#: Pairs whose proposal is tried, the most alike first.
_PROPOSALS: Final = 200
#: How far a keypoint may lie from where it should, in pixels and in its own diameters.
TOLERANCE: Final = 3.0
OF_SIZE: Final = 0.15
#: How much larger or smaller, and how much turned (radians), against the proposal.
SIZE_FACTOR: Final = 1.67
TURN: Final = 0.5
#: A logo is at most this much smaller or larger than its reference.
LEAST_SCALE: Final = 0.15
MOST_SCALE: Final = 3.0

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@compiled
def _collect(
    points: Floats, logo: Floats, left: Indices, right: Indices, weights: Floats,
    carry: Doubles, marks_left: Indices, marks_right: Indices, stamp: int, inliers: Indices,
) -> tuple[float, int]:  # fmt: skip
    """(sum of weights, number) of pairs that agree, each keypoint counted once."""
    cosine, sine, across, down = carry
    scale = math.sqrt(cosine * cosine + sine * sine)
    turn = math.atan2(sine, cosine)
    total, count = 0.0, 0
    for pair in range(len(left)):
        here, there = left[pair], right[pair]
        if marks_left[here] == stamp or marks_right[there] == stamp:
            continue
        x, y = logo[there, 0], logo[there, 1]
        off_x = cosine * x - sine * y + across - points[here, 0]
        off_y = sine * x + cosine * y + down - points[here, 1]
        tolerance = TOLERANCE + OF_SIZE * points[here, 2]
        if off_x * off_x + off_y * off_y > tolerance * tolerance:
            continue
        ratio = points[here, 2] / (logo[there, 2] * scale)
        if ratio > SIZE_FACTOR or ratio * SIZE_FACTOR < 1:
            continue
        off = points[here, 3] - logo[there, 3] - turn
        off -= 2 * math.pi * math.floor(off / (2 * math.pi) + 0.5)
        if abs(off) > TURN:
            continue
        marks_left[here] = stamp
        marks_right[there] = stamp
        inliers[count] = pair
        total += weights[pair]
        count += 1
    return total, count


@compiled
def _fit(
    points: Floats, logo: Floats, left: Indices, right: Indices, inliers: Indices, count: int,
    carry: Doubles,
) -> bool:  # fmt: skip
    """The similarity of least squares over the inliers into `carry`."""
    mean_x = mean_y = to_x = to_y = 0.0
    for member in range(count):
        here, there = left[inliers[member]], right[inliers[member]]
        mean_x += logo[there, 0]
        mean_y += logo[there, 1]
        to_x += points[here, 0]
        to_y += points[here, 1]
    mean_x, mean_y, to_x, to_y = mean_x / count, mean_y / count, to_x / count, to_y / count
    along = crossed = spread = 0.0
    for member in range(count):
        here, there = left[inliers[member]], right[inliers[member]]
        x, y = logo[there, 0] - mean_x, logo[there, 1] - mean_y
        u, v = points[here, 0] - to_x, points[here, 1] - to_y
        along += x * u + y * v
        crossed += x * v - y * u
        spread += x * x + y * y
    if spread < 1.0:
        return False
    carry[0], carry[1] = along / spread, crossed / spread
    carry[2] = to_x - carry[0] * mean_x + carry[1] * mean_y
    carry[3] = to_y - carry[1] * mean_x - carry[0] * mean_y
    scale = math.sqrt(carry[0] * carry[0] + carry[1] * carry[1])
    return LEAST_SCALE <= scale <= MOST_SCALE


@compiled
def _copy(source: Doubles, target: Doubles) -> None:
    for place in range(4):
        target[place] = source[place]


@compiled
def best_similarity(
    points: Floats, logo: Floats, left: Indices, right: Indices, weights: Floats,
    room: Doubles, marks_left: Indices, marks_right: Indices, inliers: Indices,
) -> tuple[float, int]:  # fmt: skip
    """The proposal with which most weight agrees: (weight, pairs); (0, 0) where there is none.

    points, logo: (n, 4) place, size, direction; pairs left[i], right[i] by falling weight.
    Writes room[0] = (a, b, x, y), by which (u, v) goes to (a u - b v + x, b u + a v + y), and the
    pairs that agree into `inliers`. room: (3, 4); marks_*: a row per keypoint, all 0 before.
    """
    best, best_count, stamp = 0.0, 0, 0
    carry, trial, kept = room[0], room[1], room[2]
    for pair in range(min(len(left), _PROPOSALS)):
        here, there = left[pair], right[pair]
        scale = points[here, 2] / logo[there, 2]
        if scale < LEAST_SCALE or scale > MOST_SCALE:
            continue
        turn = points[here, 3] - logo[there, 3]
        cosine, sine = scale * math.cos(turn), scale * math.sin(turn)
        trial[0], trial[1] = cosine, sine
        trial[2] = points[here, 0] - cosine * logo[there, 0] + sine * logo[there, 1]
        trial[3] = points[here, 1] - sine * logo[there, 0] - cosine * logo[there, 1]
        stamp += 1
        total, count = _collect(
            points, logo, left, right, weights, trial, marks_left, marks_right, stamp, inliers
        )
        if total > best:
            best, best_count = total, count
            _copy(trial, kept)
    if best_count == 0:
        return 0.0, 0
    # Twice is enough: what joins after the first fit hardly moves the second.
    _copy(kept, carry)
    stamp += 1
    best, best_count = _collect(
        points, logo, left, right, weights, carry, marks_left, marks_right, stamp, inliers
    )
    for _ in range(2):
        if best_count < 2 or not _fit(points, logo, left, right, inliers, best_count, trial):
            break
        stamp += 1
        total, count = _collect(
            points, logo, left, right, weights, trial, marks_left, marks_right, stamp, inliers
        )
        if total < best:
            break
        best, best_count = total, count
        _copy(trial, carry)
    stamp += 1
    best, best_count = _collect(
        points, logo, left, right, weights, carry, marks_left, marks_right, stamp, inliers
    )
    return best, best_count
