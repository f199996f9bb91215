"""Claims that a logo stands somewhere in a picture: pairs of like keypoints that agree.

May import: detectors.images.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from detectors.images.keypoints import Floats, Keypoints
from detectors.images.pool import Pool, distances_to
from detectors.images.similarity import OF_SIZE, SIZE_FACTOR, TOLERANCE, TURN, best_similarity

Matrix = npt.NDArray[np.float64]  #: (2, 3)
Indices = npt.NDArray[np.int64]

#: Pairs that one form of a logo may have.
_MOST_PAIRS: Final = 800
#: Pairs a little worse than common ones still count, by so much.
_BEYOND_COMMON: Final = 1.1
_LEAST_WEIGHT: Final = 0.03
#: What a logo's number of keypoints is counted from, so that one of three does not win by one.
FEW: Final = 10
#: More pairs than this say no more.
_ENOUGH_PAIRS: Final = 12
#: A logo is stretched by at most this; with fewer pairs any stretch would fit.
_MOST_STRETCH: Final = 1.4
_PAIRS_TO_STRETCH: Final = 5
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One form of a logo, and where its keypoints say that it is."""

    logo: int
    form: int  #: of `forms`
    weight: float  #: of the pairs that agree; 1 each where they could not be more alike
    inliers: int  #: their number
    turn: float  #: radians, clockwise on a screen
    matrix: Matrix  #: from the pixels of the logo's view to those of the picture's
    left: Indices  #: keypoints of the picture, a row per pair, agreeing or not, the likest first
    right: Indices  #: keypoints of the logo
    weights: Floats

    def strength(self, rows: int) -> float:
        """rows: keypoints of the logo."""
        return self.weight * min(self.inliers, _ENOUGH_PAIRS) / math.sqrt(rows + FEW)


def find_claims(
    query: Keypoints, pool: Pool, coordinates: Floats, common: Floats,
    forms: Sequence[tuple[int, int]],
) -> list[Claim]:  # fmt: skip
    """At most one for each (logo, form).

    coordinates: as `forms.parts` makes them of the query; common: (n,), the distance at which
    the like of a keypoint is anywhere.
    """
    here = poses(query, 0)
    claims = []
    known: tuple[int, Floats] | None = None
    for logo, form in forms:
        if known is None or known[0] != logo:
            known = (logo, distances_to(coordinates, pool, logo))
        distances = known[1][form]
        left, right = np.nonzero(distances < common[:, None] * _BEYOND_COMMON)
        if len(left) < 2:
            continue
        weights = np.maximum(1 - distances[left, right] / common[left], _LEAST_WEIGHT)
        order = np.argsort(-weights, kind="stable")[:_MOST_PAIRS]
        left, right, weights = left[order], right[order], weights[order]
        there = poses(pool.logos[logo], form)
        room = np.zeros((3, 4))
        weight, inliers = best_similarity(
            here, there, left, right, weights, room,
            np.zeros(len(here), np.int64), np.zeros(len(there), np.int64),
            np.zeros(len(order), np.int64),
        )  # fmt: skip
        if inliers < 2:
            continue
        cosine, sine, across, down = room[0]
        flip = -1.0 if form >= 2 else 1.0
        matrix = np.array([[cosine * flip, -sine, across], [sine * flip, cosine, down]])
        claims.append(
            Claim(logo=logo, form=form, weight=weight, inliers=inliers,
                  turn=math.atan2(sine, cosine), matrix=matrix,
                  left=left, right=right, weights=weights)
        )  # fmt: skip
    return claims


def poses(keypoints: Keypoints, form: int) -> Floats:
    """(n, 4): place, size and direction in that form; mirrored at the line x = 0."""
    x, y = keypoints.places.T
    angles = keypoints.angles
    if form >= 2:
        x, angles = -x, np.pi - angles
    if form % 2:
        angles = angles + np.pi
    return np.stack([x, y, keypoints.sizes, angles], axis=1).astype(np.float32)


def stretched(claim: Claim, query: Keypoints, logo: Keypoints) -> Claim:
    """The same claim with the width and height that suit its pairs best, where more agree so."""
    here, there = query.places[claim.left], logo.places[claim.right].astype(np.float64)
    scale = math.sqrt(abs(float(np.linalg.det(claim.matrix[:, :2]))))
    sizes = query.sizes[claim.left]
    ratio = sizes / (logo.sizes[claim.right] * scale)
    off = (
        poses(query, 0)[claim.left, 3] - poses(logo, claim.form)[claim.right, 3] - claim.turn
    ) / (2 * np.pi)
    alike = (ratio <= SIZE_FACTOR) & (ratio * SIZE_FACTOR >= 1)
    alike &= np.abs(off - np.rint(off)) * 2 * np.pi <= TURN
    tolerance = TOLERANCE + OF_SIZE * sizes
    rows = np.column_stack([there, np.ones(len(there))])
    best = claim
    matrix: Matrix = claim.matrix
    for turn in range(_ROUNDS + 1):
        away = np.linalg.norm(rows @ matrix.T - here, axis=1)
        # The first time what lies at the rim may be further off.
        agreeing = np.flatnonzero(alike & (away <= tolerance * (1 if turn else 2)))
        agreeing = agreeing[_firsts(claim.left[agreeing])]
        agreeing = agreeing[_firsts(claim.right[agreeing])]
        weight = float(claim.weights[agreeing].sum())
        if turn and weight > best.weight:
            best = replace(claim, weight=weight, inliers=len(agreeing), matrix=matrix)
        if len(agreeing) < _PAIRS_TO_STRETCH:
            break
        solved, _, rank, _ = np.linalg.lstsq(rows[agreeing], here[agreeing], rcond=1e-6)
        long, short = np.linalg.svd(solved[:2], compute_uv=False)
        if rank < 3 or long > short * _MOST_STRETCH:
            break
        if np.linalg.det(solved[:2]) * np.linalg.det(claim.matrix[:, :2]) <= 0:
            break
        matrix = np.asarray(solved.T, np.float64)
    return best


def _firsts(values: Indices) -> Indices:
    """Places of each value's first appearance, ascending."""
    return np.sort(np.unique(values, return_index=True)[1])
