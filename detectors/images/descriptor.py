"""What a region looks like, in 256 bits: gradients without polarity, whitened, signs kept.

A region's contrast map says how far each pixel is from its background, whatever the colours. Its
gradients (and those of its lightness) are counted per cell and direction without regard to sign,
so that a logo in white on red and in red on white give the same counts. A fitted matrix then
turns those counts so that what edits change counts little and what tells logos apart counts much
(linear discriminant analysis on edited drawings; `python -m benchmarks.images fit` makes it).
Histograms of oriented gradients: Dalal and Triggs, CVPR 2005.
May import: detectors.images, detectors.compiling.
"""

# Compiled functions have the types that they are called with.
# mypy: disallow-untyped-decorators=False

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from detectors.compiling import compiled
from detectors.images.regions import SIDE, Region
from detectors.images.search import BITS, WORDS, Vectors, Words, crowding

Floats = npt.NDArray[np.float32]

_CELLS = 8
_BINS = 8
_COARSE = 16
#: Numbers that describe a region before the fitted matrix: two histograms and the coarse map.
RAW = 2 * _CELLS * _CELLS * _BINS + _COARSE * _COARSE

_LIGHTNESS = 0.7  # of the contrast's weight
_MAP = 0.8
#: Of the crowd, whose mean distance says how ordinary a region is.
_NEIGHBOURS = 5
_WAVES = 16


@compiled
def histogram(picture: Floats, out: Floats) -> None:
    """picture: (SIDE, SIDE). Fills out (_CELLS * _CELLS * _BINS) with unit length or zeros."""
    out[:] = 0.0
    cell = SIDE / _CELLS
    for row in range(1, SIDE - 1):
        cell_y = (row + 0.5) / cell - 0.5
        top = int(np.floor(cell_y))
        part_y = cell_y - top
        for column in range(1, SIDE - 1):
            dx = picture[row, column + 1] - picture[row, column - 1]
            dy = picture[row + 1, column] - picture[row - 1, column]
            size = np.sqrt(dx * dx + dy * dy)
            if size < 0.02:
                continue
            angle = np.arctan2(dy, dx) / np.pi * _BINS + _BINS  # 0..2 * _BINS, halves alike
            first = int(np.floor(angle - 0.5))
            part = angle - 0.5 - first
            near, far = first % _BINS, (first + 1) % _BINS
            cell_x = (column + 0.5) / cell - 0.5
            left = int(np.floor(cell_x))
            part_x = cell_x - left
            for down in range(2):
                y = top + down
                if y < 0 or y >= _CELLS:
                    continue
                share_y = part_y if down else 1 - part_y
                for right in range(2):
                    x = left + right
                    if x < 0 or x >= _CELLS:
                        continue
                    share = size * share_y * (part_x if right else 1 - part_x)
                    at = (y * _CELLS + x) * _BINS
                    out[at + near] += share * (1 - part)
                    out[at + far] += share * part
    total = 0.0
    for i in range(out.size):
        # Roots: one strong edge must not drown the others.
        out[i] = np.sqrt(out[i])
        total += out[i] * out[i]
    if total > 0:
        out /= np.float32(np.sqrt(total))


def raw(region: Region) -> Floats:
    """(RAW,): both histograms and the coarse map, each of unit length times its weight."""
    described = np.empty(RAW, np.float32)
    cells = _CELLS * _CELLS * _BINS
    histogram(region.contrast, described[:cells])
    histogram(region.lightness, described[cells : 2 * cells])
    described[cells : 2 * cells] *= _LIGHTNESS
    step = SIDE // _COARSE
    coarse = region.contrast.reshape(_COARSE, step, _COARSE, step).mean(axis=(1, 3)).ravel()
    coarse = coarse - coarse.mean()
    described[2 * cells :] = _MAP * coarse / max(1e-6, float(np.linalg.norm(coarse)))
    return described


@dataclass(frozen=True, slots=True)
class _Table:
    mean: Floats  #: (RAW,)
    matrix: Floats  #: (RAW, BITS)
    crowd: Words  #: (4, m): signs of what is no logo: icons, letters, simple shapes
    version: str


@functools.cache
def table() -> _Table:
    """The fitted matrix and the crowd, from the package."""
    path = Path(__file__).with_name("tables") / "descriptor.npz"
    with np.load(path) as stored:
        return _Table(
            mean=stored["mean"],
            matrix=stored["matrix"].astype(np.float32),
            crowd=np.ascontiguousarray(stored["crowd"].T),
            version=hashlib.sha256(path.read_bytes()).hexdigest()[:8],
        )


def describe(regions: Sequence[Region]) -> Vectors:
    """One row each: the signs, and how many bits ordinariness costs it."""
    if not regions:
        return Vectors(signs=np.zeros((0, WORDS), np.uint64), handicaps=np.zeros(0, np.int32))
    fitted = table()
    turned = (np.stack([raw(region) for region in regions]) - fitted.mean) @ fitted.matrix
    signs = np.packbits(turned > 0, axis=1).view(">u8").astype(np.uint64)
    near = crowding(signs, fitted.crowd, _NEIGHBOURS)
    # Half of what the crowd comes nearer than chance would; the other side gives its own half.
    handicaps = np.round((BITS / 2 - near) / 2).astype(np.int32)
    return Vectors(signs=signs, handicaps=np.maximum(handicaps, 0))


def cosines(region: Region) -> Words:
    """(4,): signs of the 255 lowest cosine waves of the contrast, against their median.

    The second hash: as pHash, of the drawing alone.
    """
    waves = cv2.dct(region.contrast)[:_WAVES, :_WAVES].ravel()[1:]
    bits = np.append(waves > np.median(waves), False)
    return np.packbits(bits).view(">u8").astype(np.uint64)
