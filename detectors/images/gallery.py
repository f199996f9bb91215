"""The brands' logos made ready to be looked for: every variant described once, at enrolment.

Mirroring, turning and cropping are paid for here and not per picture: each drawing of a logo
(the whole, and what is on its plate) is described as it stands, mirrored, turned a few ways, and
with a corner or its foot cut away.
May import: detectors.images.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from detectors.images.descriptor import cosines, describe
from detectors.images.keypoints import Keypoints, logo_keypoints
from detectors.images.perceptual import phash
from detectors.images.picture import Frame
from detectors.images.pool import Pool, pool_of
from detectors.images.regions import Drawing, Region, cut, find_drawings
from detectors.images.search import WORDS, Vectors, Words

#: Degrees; what lies between is near enough to one of them. A mirrored half turn is a flip.
_TURNS = (0, -7, 7, -20, 20, -33, 33, 90, 180, -90)
#: What stays of the tight box (top, bottom, left, right): corners of 84 %, and all but the foot.
_PARTS = (
    (0.0, 0.84, 0.0, 0.84),
    (0.16, 1.0, 0.0, 0.84),
    (0.0, 0.84, 0.16, 1.0),
    (0.16, 1.0, 0.16, 1.0),
    (0.0, 0.86, 0.0, 1.0),
)
_MOST_DRAWINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """One reference picture of one brand, with all its variants."""

    brand_id: str
    name: str  #: its path in the watch file
    sha256: str
    frame: Frame
    phash: Words  #: (4,)
    vectors: Vectors  #: m rows
    cosines: Words  #: (m, 4)
    keypoints: Keypoints
    gated: bool  #: so plain that a stranger's picture like it would say nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """All logos of a watch list, side by side."""

    logos: tuple[Logo, ...]
    phashes: Words  #: (logos, 4)
    vectors: Vectors  #: signs (4, m), as `search.nearest` reads them
    cosines: Words  #: (m, 4)
    starts: npt.NDArray[np.int64]  #: (logos + 1,): where each logo's vectors begin
    pool: Pool


def logo_of(brand_id: str, name: str, sha256: str, frame: Frame, *, gated: bool) -> Logo:
    """frame: the logo as it is shown. About a tenth of a second."""
    variants = list(variants_of(frame))
    return Logo(
        brand_id=brand_id,
        name=name,
        sha256=sha256,
        frame=frame,
        phash=phash(frame.pixels),
        vectors=describe(variants),
        cosines=np.array([cosines(one) for one in variants], np.uint64).reshape(-1, WORDS),
        keypoints=logo_keypoints(frame.pixels),
        gated=gated,
    )


def gallery_of(logos: Sequence[Logo]) -> Gallery:
    """Any number of logos, none too."""
    sizes = [len(logo.vectors.signs) for logo in logos]
    signs = np.concatenate([np.zeros((0, WORDS), np.uint64), *(one.vectors.signs for one in logos)])
    more = [np.zeros(0, np.int32), *(logo.vectors.handicaps for logo in logos)]
    return Gallery(
        logos=tuple(logos),
        phashes=np.array([logo.phash for logo in logos], np.uint64).reshape(-1, WORDS),
        vectors=Vectors(signs=np.ascontiguousarray(signs.T), handicaps=np.concatenate(more)),
        cosines=np.concatenate([np.zeros((0, WORDS), np.uint64), *(one.cosines for one in logos)]),
        starts=np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64),
        pool=pool_of([logo.keypoints for logo in logos]),
    )


def variants_of(frame: Frame) -> Iterator[Region]:
    """Each drawing of a logo in every way that is enrolled, as it stands first."""
    drawings, _ = find_drawings(frame.pixels, extra=False)
    for drawing in drawings[:_MOST_DRAWINGS]:
        for mirror in (1.0, -1.0):
            for degrees in _TURNS:
                yield cut(frame.pixels, drawing, _turn(degrees, mirror))
    for drawing in drawings[:1]:
        for part in _PARTS:
            kept = _part(drawing, part)
            if kept.mask.any():
                yield cut(frame.pixels, kept)


def _turn(degrees: float, mirror: float) -> npt.NDArray[np.float32]:
    angle = np.deg2rad(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[mirror * cosine, -sine], [mirror * sine, cosine]], np.float32)


def _part(drawing: Drawing, part: tuple[float, float, float, float]) -> Drawing:
    rows = np.flatnonzero(drawing.mask.any(axis=1))
    columns = np.flatnonzero(drawing.mask.any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    height, width = int(rows[-1]) - top + 1, int(columns[-1]) - left + 1
    window = np.zeros_like(drawing.mask)
    down = slice(top + round(height * part[0]), top + round(height * part[1]))
    across = slice(left + round(width * part[2]), left + round(width * part[3]))
    window[down, across] = True
    return replace(drawing, mask=drawing.mask & window)
