"""A logo somewhere on a page or banner: where to look, and what is found there.

Pages are looked at twice. What stands by itself on a plain ground (most logos in page headers) is
cut out and looked at as a picture of its own, however small; the keypoints of the whole page find
what stands on photographs. Bounded in both: a page full of anything costs no more than a page.
May import: detectors.images.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from detectors.images.agreement import Agreement, propose, verify, verify_against
from detectors.images.keypoints import FLAT_COLOURS, keypoints_of
from detectors.images.picture import Pixels
from detectors.images.pool import Pool

Box = tuple[int, int, int, int]  #: left, top, right, bottom; right and bottom are outside

#: Boxes that are told, and that are looked at by keypoints, the likeliest first.
MOST_BOXES: Final = 60
_MOST_LOOKED_AT: Final = 20
#: Longest side at which a box is looked at, pixels.
_BOX_SIDE: Final = 128
#: Least side of a box that may be a photograph, pixels.
_ROOMY: Final = 160
#: Gaps that are closed between strokes, pixels: within a drawing, between its parts, and
#: between drawing and name.
_GAPS: Final = (3, 9, 17)
#: A step between neighbours that is an edge, of 255 in any channel.
_STEP: Final = 24
#: Sizes of what may be a logo, pixels, and of its aspect.
_LEAST_SIDE: Final = 14
_LEAST_HEIGHT: Final = 14
_MOST_SHARE: Final = 0.6
_MOST_ASPECT: Final = 8.0
#: Two boxes that share more than this (of their union) are one.
_SAME_BOX: Final = 0.7
#: Plain ground left around a box, as a share of its longer side.
_MARGIN: Final = 0.15
#: The whole page: longest side, pixels, and keypoints.
_PAGE_SIDE: Final = 1024
_PAGE_KEYPOINTS: Final = 800
#: Below these an agreement is chance: a page offers a hundred times what an avatar does. Words
#: agree with wordmarks letter by letter, but their outlines do not.
LEAST_SCORE: Final = 1.5
LEAST_EDGES: Final = 0.65
#: Two finds that share more of the smaller than this are one.
_SAME_FIND: Final = 0.5


def find_inside(
    large: Pixels,
    pool: Pool,
    *,
    least_score: float = LEAST_SCORE,
    least_edges: float = LEAST_EDGES,
) -> list[Agreement]:
    """The logos on a page, best first, each place once; boxes and transforms in its pixels.

    large: (h, w, 3) RGB, at most LARGE_SIDE a side.
    """
    found = []
    for box in candidate_boxes(large)[:_MOST_LOOKED_AT]:
        found += _looked_at(large, box, pool, None)
    side = min(_PAGE_SIDE, max(large.shape[:2]))
    page = keypoints_of(large, most=_PAGE_KEYPOINTS, side=side, colours=0)
    for logo, place in propose(page, pool):
        box = _with_margin(place, *large.shape[:2])
        if min(box[2] - box[0], box[3] - box[1]) >= _LEAST_SIDE:
            found += _looked_at(large, box, pool, logo)
    found = [one for one in found if one.score >= least_score and one.edges >= least_edges]
    kept: list[Agreement] = []
    for one in sorted(found, key=lambda one: (-one.score, one.logo, one.box)):
        if all(_overlap(one.box, other.box) <= _SAME_FIND for other in kept):
            kept.append(one)
    return kept


def candidate_boxes(large: Pixels) -> list[Box]:
    """Where something stands by itself that may be a logo, with some ground around it; at most
    MOST_BOXES, the likeliest first: large ones before small, those near the top before others."""
    height, width = large.shape[:2]
    steps = cv2.morphologyEx(large, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)).max(axis=2)
    edges = (steps > _STEP).astype(np.uint8)
    boxes: list[tuple[float, Box]] = []
    for gap in _GAPS:
        closed = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
        boxes += _plausible(stats[1:], height, width)
    boxes.sort(key=lambda pair: (-pair[0], pair[1]))
    kept: list[Box] = []
    for _, box in boxes:
        if len(kept) == MOST_BOXES:
            break
        if all(_shared(box, other) <= _SAME_BOX for other in kept):
            kept.append(box)
    return kept


def _plausible(stats: npt.NDArray[np.int32], height: int, width: int) -> list[tuple[float, Box]]:
    """Rank and box of components that may be logos, the best few hundred."""
    left, top, wide, high = (stats[:, column].astype(np.int64) for column in range(4))
    aspect = wide / np.maximum(high, 1)
    keep = (np.minimum(wide, high) >= _LEAST_SIDE) & (aspect <= _MOST_ASPECT)
    keep &= (aspect >= 1 / _MOST_ASPECT) & (high >= _LEAST_HEIGHT)
    keep &= (wide <= _MOST_SHARE * width) | (high <= _MOST_SHARE * height)
    # Headers hold logos, and they are low: the top counts double, falling to once.
    rank = np.minimum(np.minimum(wide, high), 200) * (2 - np.minimum(top / max(height, 1), 1))
    found = []
    for row in sorted(np.flatnonzero(keep), key=lambda row: -rank[row])[: 4 * MOST_BOXES]:
        box = (
            float(left[row]), float(top[row]),
            float(left[row] + wide[row]), float(top[row] + high[row]),
        )  # fmt: skip
        found.append((float(rank[row]), _with_margin(box, height, width)))
    return found


def _with_margin(box: tuple[float, float, float, float], height: int, width: int) -> Box:
    left, top, right, bottom = box
    margin = _MARGIN * max(right - left, bottom - top)
    return (
        max(int(left - margin), 0),
        max(int(top - margin), 0),
        min(math.ceil(right + margin), width),
        min(math.ceil(bottom + margin), height),
    )


def _looked_at(large: Pixels, box: Box, pool: Pool, logo: int | None) -> list[Agreement]:
    """The best agreement inside the box, in the page's pixels; of one logo only, if given."""
    x, y, right, bottom = box
    # What is large may be a photograph, where flat colours find most; else they only cost.
    roomy = min(right - x, bottom - y) >= _ROOMY
    query = keypoints_of(
        large[y:bottom, x:right], side=_BOX_SIDE, colours=FLAT_COLOURS if roomy else 0
    )
    found = verify(query, pool) if logo is None else verify_against(query, pool, [logo])
    return [
        replace(
            one,
            transform=one.transform + np.array([[0.0, 0.0, x], [0.0, 0.0, y]]),
            box=(one.box[0] + x, one.box[1] + y, one.box[2] + x, one.box[3] + y),
        )
        for one in found[:1]
    ]


def _area(box: tuple[float, float, float, float]) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _common(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> float:
    return _area(
        (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))
    )


def _shared(one: Box, other: Box) -> float:
    """Of the union."""
    common = _common(one, other)
    return common / max(_area(one) + _area(other) - common, 1.0)


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> float:
    """Of the smaller."""
    return _common(one, other) / max(min(_area(one), _area(other)), 1.0)
