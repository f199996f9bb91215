"""A second opinion: is this logo in that picture, by keypoints and edges alone.

Keypoints of picture and logo are paired by likeness, the pairs must agree on one shift, turn and
scale, and at the place so found the logo's edges must lie on the picture's.
May import: detectors.images.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from detectors.images import edges
from detectors.images.claims import FEW, Claim, find_claims, stretched
from detectors.images.forms import FORMS, parts
from detectors.images.keypoints import Floats, Keypoints, resized
from detectors.images.pool import Pool, nearest_of_each

#: Forms of logos that are looked at closely, those with most votes first.
_SHORTLIST: Final = 24
#: Claims whose edges are compared, and that are reported.
_MOST_CLAIMS: Final = 4
#: The distance at which the like of a keypoint is anywhere: that of the 12th nearest form of a
#: logo, and no more than this.
_COMMON_RANK: Final = 12
_COMMON_DISTANCE: Final = 0.9
#: The same where there are too few logos to tell, or only some are asked about.
_COMMON_ALONE: Final = 0.6
_ENOUGH_FORMS: Final = 100
#: Places in a large picture that keypoints alone propose.
_MOST_PROPOSALS: Final = 6

Box = tuple[float, float, float, float]  #: left, top, right, bottom


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A logo found in a picture, at a place."""

    logo: int  #: its index in the pool
    score: float  #: 0 upwards; one stranger in a hundred has more than about 2 against 300 logos
    inliers: int  #: keypoints that agree on the place
    transform: npt.NDArray[np.float64]  #: (2, 3), from the logo's pixels to the picture's
    mirrored: bool
    negative: bool  #: light where the logo is dark
    rotation: float  #: degrees, clockwise on a screen, -180 to 180
    scale: float  #: of the logo's pixels, in the picture's
    box: Box  #: of the logo in the picture: left, top, right, bottom
    edges: float  #: correlation of edges, -1 to 1


def verify(query: Keypoints, pool: Pool) -> list[Agreement]:
    """The logos of the pool that are in the picture, best first, at most four."""
    return _agreements(query, pool, _pooled_claims(query, pool))


def propose(query: Keypoints, pool: Pool) -> list[tuple[int, Box]]:
    """Logos, and the boxes in the picture where they may be, by keypoints alone: most are not
    there. For pictures too large to be looked at closely all over."""
    proposed = []
    for claim in _strongest(_pooled_claims(query, pool), pool)[:_MOST_PROPOSALS]:
        logo = pool.logos[claim.logo]
        transform = _rescaled(claim.matrix, logo.enlarged, 1 / query.enlarged)
        proposed.append((claim.logo, _placed(_ink(logo), transform)))
    return proposed


def verify_against(query: Keypoints, pool: Pool, logos: Sequence[int]) -> list[Agreement]:
    """Those of the given logos that are in the picture, best first, at most four."""
    if len(query) < 2:
        return []
    coordinates = parts(query.descriptors)
    common = np.full(len(query), _COMMON_ALONE, np.float32)
    forms = [(logo, form) for logo in sorted(set(logos)) for form in range(FORMS)]
    return _agreements(query, pool, find_claims(query, pool, coordinates, common, forms))


def _pooled_claims(query: Keypoints, pool: Pool) -> list[Claim]:
    if len(query) < 2 or not len(pool.owners):
        return []
    coordinates = parts(query.descriptors)
    distances = nearest_of_each(coordinates, pool)
    common = _common_distance(distances.reshape(len(query), -1))
    votes = np.maximum(0, 1 - distances / common[:, None, None]).sum(axis=0)
    votes /= np.sqrt(pool.counts() + FEW)[:, None]
    best = np.argsort(-votes.ravel(), kind="stable")[:_SHORTLIST]
    forms = [divmod(int(one), FORMS) for one in best if votes.ravel()[one] > 0]
    return find_claims(query, pool, coordinates, common, forms)


def _common_distance(distances: Floats) -> Floats:
    """(n,): how near a keypoint's like is by chance, among all forms of all logos."""
    if distances.shape[1] < _ENOUGH_FORMS:
        return np.full(len(distances), _COMMON_ALONE, np.float32)
    nearest = np.partition(distances, _COMMON_RANK, axis=1)[:, _COMMON_RANK]
    return np.minimum(nearest, _COMMON_DISTANCE)


def _strongest(claims: list[Claim], pool: Pool) -> list[Claim]:
    def rank(claim: Claim) -> tuple[float, int, int]:
        return -claim.strength(len(pool.logos[claim.logo])), claim.logo, claim.form

    return sorted(claims, key=rank)


def _agreements(query: Keypoints, pool: Pool, claims: list[Claim]) -> list[Agreement]:
    shrink = edges.SIDE / max(query.views[0].shape)
    pictures = [edges.edge_map(resized(view, edges.SIDE)) for view in query.views]
    found = []
    for claim in _strongest(claims, pool)[:_MOST_CLAIMS]:
        logo = pool.logos[claim.logo]
        likeness, claim = max(
            ((_likeness(each, logo, pictures, shrink), each)
             for each in (claim, stretched(claim, query, logo))),
            key=lambda pair: pair[0],
        )  # fmt: skip
        score = claim.strength(len(logo)) * max(likeness, 0.0) ** 2
        if score > 0:
            transform = _rescaled(claim.matrix, logo.enlarged, 1 / query.enlarged)
            found.append(_told(claim, transform, logo, score, likeness))
    return sorted(found, key=lambda one: (-one.score, one.logo))


def _likeness(
    claim: Claim, logo: Keypoints, pictures: Sequence[edges.EdgeMap], shrink: float
) -> float:
    onto_map = _rescaled(claim.matrix, 1.0, shrink)
    return max(edges.edge_likeness(picture, logo.views[0], onto_map) for picture in pictures)


def _rescaled(
    transform: npt.NDArray[np.float64], before: float, after: float
) -> npt.NDArray[np.float64]:
    """Between pictures `before` times smaller and `after` times larger; a pixel's middle is
    its coordinate, so both are half a pixel off."""
    middle = transform @ np.array([0.5 * before - 0.5, 0.5 * before - 0.5, 1.0])
    shift = (middle + 0.5) * after - 0.5
    return np.concatenate([transform[:, :2] * (before * after), shift[:, None]], axis=1)


def _told(
    claim: Claim, transform: npt.NDArray[np.float64], logo: Keypoints, score: float, likeness: float
) -> Agreement:
    return Agreement(
        logo=claim.logo,
        score=float(score),
        inliers=claim.inliers,
        transform=transform,
        mirrored=claim.form >= 2,
        negative=claim.form % 2 == 1,
        rotation=math.degrees(claim.turn),
        scale=math.sqrt(abs(float(np.linalg.det(transform[:, :2])))),
        box=_placed(_ink(logo), transform),
        edges=likeness,
    )


def _placed(box: Box, transform: npt.NDArray[np.float64]) -> Box:
    left, top, right, bottom = box
    corners = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]])
    placed = corners @ transform.T
    (left, top), (right, bottom) = placed.min(axis=0).tolist(), placed.max(axis=0).tolist()
    return left, top, right, bottom


def _ink(logo: Keypoints) -> Box:
    """Where the logo's own picture has edges, in the pixels that were given."""
    strength = edges.strength(edges.edge_map(logo.views[0]))
    rows = np.flatnonzero(strength.max(axis=1) > 0.25)
    columns = np.flatnonzero(strength.max(axis=0) > 0.25)
    if not len(rows) or not len(columns):
        height, width = logo.views[0].shape
        return 0.0, 0.0, width / logo.enlarged, height / logo.enlarged
    box = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    left, top, right, bottom = (float(side) / logo.enlarged for side in box)
    return left, top, right, bottom
